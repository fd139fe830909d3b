import { createTestDatabase, type TestDatabase } from '../../../support/testDatabase.ts';
import { openProcess, type RoomProcess } from './rooms.ts';

type Options = Omit<Parameters<typeof openProcess>[0], 'url'>;

/** For the tests of one `describe`: a database of their own and a process on it, from before the first to behind the last. */
export function useOwnRooms(options: Options = {}) {
  let database: TestDatabase;
  let here: RoomProcess;
  const another = (different: Options = options): RoomProcess => openProcess({ url: database.url, ...different });
  beforeAll(async () => {
    database = await createTestDatabase();
    here = another();
  });
  afterAll(async () => {
    await here.stop();
    await database.drop();
  });
  return {
    /** The process as it is now. */
    get here() { return here; },
    /** One more on the same database. Whoever opens it stops it. */
    another,
    /** Another one takes the place of `here`, whose rooms are stopped already. */
    reopen() { here = another(); },
  };
}
