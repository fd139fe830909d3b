import { readFileSync } from 'node:fs';
import { schoolEvents } from '../../src/domain/schoolEvents.ts';
import { createCodec } from '../../src/eventLog/codec.ts';
import type { Recorded } from '../../src/eventLog/recorded.ts';
import type { RecordedEvent } from '../../src/ports/eventStore.ts';
import { readModels } from '../../src/projections/readModels.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { dump, projectInto } from './support/readModelTables.ts';

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database.drop());

/** One event of every type that there is. */
async function everyType(): Promise<Recorded[]> {
  const golden = JSON.parse(readFileSync(new URL('../golden/events.json', import.meta.url), 'utf8')) as { stored: RecordedEvent }[];
  const codec = createCodec(schoolEvents, { find: async () => new Map(), obtain: () => Promise.reject(new Error('nothing is written')) });
  return (await codec.decode(golden.map(({ stored }) => stored))).flatMap((decoded) => (decoded.ok ? [decoded.event] : []));
}

describe.each(readModels)('read model $name', (model) => {
  it('declares its types, all of which there are', () => {
    expect(model.types?.length).toBeGreaterThan(0);
    expect(model.types?.filter((type) => !Object.hasOwn(schoolEvents, type))).toEqual([]);
  });

  it('makes nothing of an event of any other type', async () => {
    const others = (await everyType()).filter(({ type }) => !model.types?.includes(type));
    expect(others.length).toBeGreaterThan(0);
    const schema = `others_${model.name.toLowerCase()}`;
    await projectInto(database.pool, model, schema, [others, ...others.map((event) => [event])]);
    for (const rows of Object.values(await dump(database.pool, schema))) expect(rows).toEqual([]);
  });
});
