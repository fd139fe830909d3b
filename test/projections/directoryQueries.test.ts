import { directory } from '../../src/projections/directory/projection.ts';
import { createDirectoryQueries } from '../../src/projections/directory/queries.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { createHistory } from './support/history.ts';
import { atSchemas, projectInto } from './support/readModelTables.ts';

let database: TestDatabase;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database.drop());

it('remembers who was a teacher, whatever they are now: their agendas are looked after too', async () => {
  const history = createHistory();
  const details = { email: 'x@school.example', timeZone: 'UTC', moodleUserId: '', zohoContactId: '' };
  const person = (personId: string, role: 'student' | 'teacher') => history.add(`person-${personId}`, 'PersonRegistered', { personId, name: personId, role, ...details });
  const change = (personId: string, more: object) => history.add(`person-${personId}`, 'PersonChanged', { personId, ...more });
  person('ada', 'teacher');
  person('bob', 'student');
  person('cid', 'teacher');
  person('dot', 'student');
  person('eve', 'teacher');
  const first = history.events.length;
  change('bob', { role: 'teacher' });
  change('bob', { role: 'manager' });
  change('cid', { role: 'student' });
  change('dot', { name: 'Dot' });
  history.add('person-eve', 'PersonDeactivated', { personId: 'eve' });
  await projectInto(database.pool, directory, '"directory_test"', [history.events.slice(0, first), history.events.slice(first)]);
  const queries = createDirectoryQueries(database.pool, atSchemas({ directory: '"directory_test"' }));
  expect(await queries.everyTeacher()).toEqual(['ada', 'bob', 'cid', 'eve']);
  expect((await queries.people({ role: 'teacher' }, { after: undefined, limit: 10 })).map(({ id }) => id)).toEqual(['ada', 'eve']);
});
