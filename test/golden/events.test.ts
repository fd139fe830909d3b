import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { group } from '../../src/domain/group/index.ts';
import type { Aggregate } from '../../src/domain/kernel/decider.ts';
import type { EventTypes } from '../../src/domain/kernel/eventType.ts';
import { lesson } from '../../src/domain/lesson/index.ts';
import { person } from '../../src/domain/person/index.ts';
import { classroomRoles } from '../../src/domain/classroomRoles/index.ts';
import { room } from '../../src/domain/room/index.ts';
import { schoolEvents } from '../../src/domain/schoolEvents.ts';
import { teacherAgenda } from '../../src/domain/teacherAgenda/index.ts';
import { zoomAccount } from '../../src/domain/zoomAccount/index.ts';
import { zoomMeeting } from '../../src/domain/zoomMeeting/index.ts';
import { zoomPool } from '../../src/domain/zoomPool/index.ts';
import { createCodec } from '../../src/eventLog/codec.ts';
import type { Decoded, Recorded } from '../../src/eventLog/recorded.ts';
import type { RecordedEvent } from '../../src/ports/eventStore.ts';
import { auditPool } from '../../src/projections/audit/auditPool.ts';
import { directory } from '../../src/projections/directory/projection.ts';
import { inWords } from '../../src/projections/lessons/words.ts';
import { lessons } from '../../src/projections/lessons/projection.ts';
import { zoomAccounts } from '../../src/projections/zoomAccounts/projection.ts';
import { dump, projectInto } from '../projections/support/readModelTables.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

/**
 * One event of every type and version that ever shipped, as a store holds it; `reads` is what it must read as, where that is not
 * what is stored. Lines are only ever added: a new version of a type gets new lines, the old ones stay and must still be read.
 */
const golden = JSON.parse(readFileSync(new URL('./events.json', import.meta.url), 'utf8')) as { stored: RecordedEvent; reads?: unknown }[];

const keyOf = (subject: string) => createHash('sha256').update(`golden ${subject}`).digest();
const codec = createCodec(schoolEvents, { find: async (subjects) => new Map(subjects.map((subject) => [subject, keyOf(subject)])), obtain: async (subject) => keyOf(subject) });

const read = async (): Promise<Recorded[]> => (await codec.decode(golden.map(({ stored }) => stored))).flatMap((decoded) => {
  if (!decoded.ok) throw new Error(`${decoded.raw.type} version ${decoded.raw.schemaVersion}: ${decoded.error}`);
  return [decoded.event];
});

describe('events of every version that ever shipped', () => {
  it('are all here: one fixture or more for each type and each of its versions', () => {
    const there = new Set(golden.map(({ stored }) => `${stored.type}@${stored.schemaVersion}`));
    const wanted = Object.entries(schoolEvents).flatMap(([type, { version }]) => Array.from({ length: version }, (_, i) => `${type}@${i + 1}`));
    expect(wanted.filter((one) => !there.has(one))).toEqual([]);
    expect([...there].filter((one) => !wanted.includes(one))).toEqual([]);
  });

  it('exercise every field that a type has', () => {
    const seen = new Map<string, Set<string>>();
    for (const { stored } of golden) for (const field of Object.keys(stored.data as object)) seen.set(stored.type, (seen.get(stored.type) ?? new Set()).add(field));
    const unseen = Object.entries(schoolEvents).flatMap(([type, { schema }]) => Object.keys(schema.shape).filter((field) => !seen.get(type)?.has(field)).map((field) => `${type}.${field}`));
    // Changes of a person hold any of these; one of each kind is enough.
    expect(unseen.filter((field) => !field.startsWith('PersonChanged.'))).toEqual([]);
  });

  it('keep personal fields sealed in the store', () => {
    const text = JSON.stringify(golden.map(({ stored }) => stored));
    for (const plain of ['Ada Lovelace', 'ada@school.example', 'a1@zoom.example']) expect(text).not.toContain(plain);
  });

  it.each(golden.map(({ stored, reads }) => [`${stored.type} version ${stored.schemaVersion} (${stored.stream}@${stored.revision})`, stored, reads ?? stored.data] as const))('%s reads as it did', async (_, stored, reads) => {
    const [decoded] = await codec.decode([stored]);
    expect(decoded).toMatchObject({ ok: true, event: { type: stored.type, data: reads, stream: stored.stream, revision: stored.revision, metadata: stored.metadata } });
  });

  it('fold in the aggregates', async () => {
    const events = await read();
    const fold = <State, Command, Types extends EventTypes>({ category, decider }: Aggregate<State, Command, Types>, id: string): State =>
      events.filter(({ stream }) => stream === `${category}-${id}`).reduce<State>((state, event) => decider.evolve(state, event as never), decider.initial);
    expect(fold(person, 'ada')).toMatchObject({ status: 'active', role: 'teacher' });
    expect(fold(group, 'g1')).toMatchObject({ exists: true });
    expect(fold(lesson, 'l1')).toMatchObject({ status: 'finished', teacherId: 'bob', accountId: 'a2', title: 'German A1.1', autoRecord: true });
    expect(fold(lesson, 'l2')).toEqual({ status: 'abandoned' });
    expect(fold(lesson, 'l3')).toMatchObject({ status: 'cancelled', accountId: null });
    expect(fold(zoomMeeting, 'l1')).toMatchObject({ status: 'created', generation: 2 });
    expect(fold(zoomAccount, 'a1')).toMatchObject({ registered: true, capacity: 2, cloudRecording: false });
    expect(fold(zoomAccount, 'a2')).toMatchObject({ enabled: true, calendar: { leases: [] } });
    expect(fold(teacherAgenda, 'ada').leases).toEqual([]);
    expect(fold(zoomPool, 'school')).toBeDefined();
    expect(fold(room, 'r1')).toMatchObject({ status: 'completed', hostId: 'bob', seats: 0, people: { stu: { status: 'left', connectedMs: 39 * 60_000, reconnects: 1 }, eve: { status: 'kicked' } }, snapshots: [{ snapshotId: 's-1' }] });
    expect(fold(room, 'r2')).toMatchObject({ status: 'terminated' });
    expect(fold(room, 'r3')).toMatchObject({ status: 'expired' });
    expect(fold(classroomRoles, 'school')).toMatchObject({ viewer: { draw: false } });
  });

  it('have words in a lesson\'s timeline', async () => {
    const name = { person: (id: string) => id, group: (id: string) => id };
    const aboutLessons = (await read()).filter(({ stream }) => /^(lesson|zoomMeeting|teacherAgenda)-/.test(stream));
    for (const event of aboutLessons) expect([event.type, inWords(event, name)]).toEqual([event.type, expect.stringMatching(/^[A-Z]/)]);
  });

  it('keep the rules of the pool', async () => {
    const events = await read();
    const log = { async *readAll(): AsyncIterable<Decoded[]> { yield events.map((event) => ({ ok: true as const, event })); } };
    expect(await auditPool(log, { gapMinutes: 5 })).toMatchObject({ ok: true, findings: [] });
  });

  describe('in the read models', () => {
    let database: TestDatabase;
    beforeAll(async () => { database = await createTestDatabase(); });
    afterAll(() => database.drop());

    it('fold', async () => {
      const events = await read();
      for (const model of [directory, lessons, zoomAccounts]) await projectInto(database.pool, model, `golden_${model.name.toLowerCase()}`, [events]);
      expect(await dump(database.pool, 'golden_directory')).toMatchObject({
        people: expect.arrayContaining([expect.objectContaining({ person_id: 'ada', name: 'Ada Lovelace', email: 'ada.lovelace@school.example', moodle_user_id: '18' })]),
        memberships: expect.arrayContaining([expect.objectContaining({ person_id: 'stu', active: true }), expect.objectContaining({ person_id: 'eve', active: false })]),
      });
      const { lessons: rows } = await dump(database.pool, 'golden_lessons');
      expect(rows).toEqual(expect.arrayContaining([
        expect.objectContaining({
          lesson_id: 'l1', status: 'finished', teacher_id: 'bob', account_id: 'a2', meeting_state: 'created', meeting_generation: 2, link_changed: true, import_id: 'i2', first_import_id: 'i1', override_reason: 'ada is ill',
        }),
        expect.objectContaining({ lesson_id: 'l2', status: 'abandoned' }),
        expect.objectContaining({ lesson_id: 'l3', status: 'cancelled', provider: 'none' }),
      ]));
      const pool = await dump(database.pool, 'golden_zoomaccounts');
      expect(pool['accounts']).toEqual(expect.arrayContaining([expect.objectContaining({ account_id: 'a1', zoom_user: 'a1@zoom.example', capacity: 2, credentials_ref: 'second' })]));
      expect(pool['reservations']).toHaveLength(4);
      expect(pool['leases']).toEqual([expect.objectContaining({ lease_id: 'lease-1', release_reason: 'the lesson has finished', overran_at: expect.any(String) })]);
    });
  });
});
