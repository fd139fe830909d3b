import type { Decoded, Recorded } from '../../../src/eventLog/recorded.ts';
import { auditReadModels } from '../../../src/projections/audit/auditReadModels.ts';
import type { Sql } from '../../../src/projections/engine/readModel.ts';
import { directory } from '../../../src/projections/directory/projection.ts';
import { lessons } from '../../../src/projections/lessons/projection.ts';
import { zoomAccounts } from '../../../src/projections/zoomAccounts/projection.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { createHistory, registerAccount, registerPerson, schedule } from '../support/history.ts';
import { projectInto } from '../support/readModelTables.ts';

const models = [directory, lessons, zoomAccounts];
const logOf = (events: readonly Recorded[]) => ({
  async *readAll({ after = '' } = {}): AsyncIterable<Decoded[]> {
    yield events.filter(({ position }) => position > after).map((event) => ({ ok: true as const, event }));
  },
});

describe('audit of the read models', () => {
  let database: TestDatabase;
  const history = createHistory();
  registerAccount(history, 'a1', 2);
  registerPerson(history, 't', 'teacher');
  for (let i = 0; i < 5; i += 1) schedule(history, { id: `l${i}`, account: 'a1', teacher: 't', group: null, from: `2026-03-0${i + 1}T09:00:00.000Z`, minutes: 60 });
  const head = history.events.at(-1)!.position;

  beforeAll(async () => {
    database = await createTestDatabase();
    for (const model of models) await projectInto(database.pool, model, `live_${model.name.toLowerCase()}`, [history.events]);
  });
  afterAll(() => database.drop());

  const audit = (positions: () => string = () => head, attempts = 3) => auditReadModels({
    log: logOf(history.events), db: database.pool as unknown as Sql, models,
    readModels: { schema: async (name) => `live_${name.toLowerCase()}`, position: async () => positions() },
  }, { attempts });

  it('calls read models equal that hold what a fresh fold gives, and leaves nothing behind', async () => {
    expect((await audit()).map(({ readModel, outcome }) => [readModel, outcome])).toEqual([['directory', 'equal'], ['lessons', 'equal'], ['zoomAccounts', 'equal']]);
    const { rows } = await database.pool.query(`select from pg_namespace where nspname like 'audit%'`);
    expect(rows).toHaveLength(0);
  });

  it('shows the rows that differ', async () => {
    await database.pool.query(`update live_lessons.lessons set title = 'tampered' where lesson_id = 'l3'`);
    await database.pool.query(`delete from live_zoomaccounts.reservations where reservation_id = 'l1.1'`);
    const found = await audit();
    expect(found.map(({ outcome }) => outcome)).toEqual(['equal', 'different', 'different']);
    expect(found[1]!.tables).toMatchObject([{ table: 'lessons', missing: 1, unexpected: 1 }]);
    expect(found[1]!.tables[0]!.examples.map(({ side, row }) => [side, (row as { title: string }).title])).toEqual([['missing', 'Lesson l3'], ['unexpected', 'tampered']]);
    expect(found[2]!.tables).toMatchObject([{ table: 'reservations', missing: 1, unexpected: 0 }]);
  });

  it('does not compare a read model that moves on meanwhile', async () => {
    let n = 0;
    expect((await audit(() => `0000000000000000000${(n += 1) % 10}`)).map(({ outcome }) => outcome)).toEqual(['busy', 'busy', 'busy']);
  });
});
