import fc from 'fast-check';
import { DomainError } from '../../src/domain/kernel/domainError.ts';
import { type Room, room as aggregate, type RoomCommand, type RoomEvent } from '../../src/domain/room/index.ts';
import { roleDefaults } from '../../src/domain/room/permissions.ts';
import type { Recorded } from '../../src/eventLog/recorded.ts';
import { rooms } from '../../src/projections/rooms/projection.ts';
import { asRoom, createRoomQueries } from '../../src/projections/rooms/queries.ts';
import { inWordsOfRoom, peopleIn } from '../../src/projections/rooms/words.ts';
import type { Sql } from '../../src/projections/engine/readModel.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { createHistory, plusMinutes } from './support/history.ts';
import { atSchemas, dump, projectInto } from './support/readModelTables.ts';

const start = '2026-03-02T17:00:00.000Z';
const system = { personId: 'owner', authority: 'system' } as const;
const admin = { personId: 'boss', authority: 'school' } as const;
const person = fc.constantFrom('ada', 'bob', 'cyd');
const snapshotId = fc.constantFrom('s1', 's2', 's3');

/** Commands of two rooms, in any order; those that the room refuses do not happen. */
const step = fc.record({
  room: fc.constantFrom('r1', 'r2'),
  command: fc.oneof(
    { weight: 3, arbitrary: person.map((personId) => ({ type: 'join', by: { personId, authority: 'room' }, personId, entitlement: { kind: 'lesson' } })) },
    { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('connect', 'drop', 'leave', 'releaseSeat'), personId: person, by: fc.constant(system) }) },
    fc.record({ type: fc.constant('kick'), personId: person, by: fc.constant(admin), reason: fc.constant('') }),
    fc.record({ type: fc.constant('setHost'), hostId: person, by: fc.constant(system) }),
    fc.record({ type: fc.constantFrom('start', 'pause', 'resume'), by: fc.constant(admin) }),
    fc.record({ type: fc.constant('updatePermissions'), by: fc.constant(admin), of: fc.record({ personId: person }), changes: fc.record({ draw: fc.constantFrom(true, false, null) }) }),
    snapshotId.map((id) => ({ type: 'recordSnapshot', by: system, snapshot: { snapshotId: id, version: 3, type: 'auto', schemaVersion: 1, sha256: id, bytes: 1, shapes: 2, participants: 1, authorId: '' } })),
    fc.record({ type: fc.constant('removeSnapshots'), by: fc.constant(system), snapshotIds: fc.array(snapshotId, { maxLength: 2 }) }),
    fc.record({ type: fc.constant('say'), by: fc.constant(system), personId: person, messageId: fc.constant('m'), text: fc.constant('hello') }),
    { weight: 1, arbitrary: fc.record({ type: fc.constant('complete'), by: fc.constant(admin) }) },
  ),
});

function historyOf(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): { events: readonly Recorded[]; states: Map<string, Room> } {
  const history = createHistory();
  const states = new Map<string, Room>();
  const { decide, evolve, initial } = aggregate.decider;
  const apply = (roomId: string, command: RoomCommand) => {
    let events: RoomEvent[];
    try {
      events = decide(command, states.get(roomId) ?? initial);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return;
    }
    for (const event of events) {
      history.add(`room-${roomId}`, event.type, event.data as never, command.at);
      states.set(roomId, evolve(states.get(roomId) ?? initial, event) as Room);
    }
  };
  for (const roomId of ['r1', 'r2']) {
    apply(roomId, {
      type: 'create', roomType: 'lesson', by: admin, at: start,
      room: {
        roomId, title: roomId, lessonId: 'l', hostId: 'ada', scheduledStart: start, scheduledEnd: plusMinutes(start, 60), settings: { waitingRoom: false, hostAbsence: 'pause', chat: true }, accessHash: null,
        maxParticipants: 3, recorded: false, roles: roleDefaults, rolesRevision: -1,
      },
    });
  }
  for (const [i, { room, command }] of steps.entries()) apply(room, { ...command, at: plusMinutes(start, i) } as unknown as RoomCommand);
  return { events: history.events, states };
}

describe('the read model of rooms', () => {
  let database: TestDatabase;
  let run = 0;
  beforeAll(async () => { database = await createTestDatabase(); });
  afterAll(() => database.drop());

  it('is the aggregate\'s own fold, however the log is cut into batches', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 4 }), async (steps, size) => {
      run += 1;
      const { events, states } = historyOf(steps);
      const batches = Array.from({ length: Math.ceil(events.length / size) }, (_, i) => events.slice(i * size, (i + 1) * size));
      await projectInto(database.pool, rooms, `cut_${run}`, batches);
      await projectInto(database.pool, rooms, `whole_${run}`, [events]);
      expect(await dump(database.pool, `cut_${run}`)).toEqual(await dump(database.pool, `whole_${run}`));
      const queries = createRoomQueries(database.pool as unknown as Sql, atSchemas({ rooms: `cut_${run}` }));
      for (const [roomId, { snapshots, ...state }] of states) {
        const shown = await queries.room(roomId);
        expect(shown && { ...asRoom(shown), snapshots: undefined }).toEqual({ ...state, snapshots: undefined });
        expect((await queries.snapshots(roomId, { before: undefined, limit: 10 })).map((one) => one.snapshotId).toSorted()).toEqual(snapshots.map((one) => one.snapshotId).toSorted());
      }
    }), { numRuns: 25 });
  });
});

describe('a room\'s timeline', () => {
  const history = createHistory();
  const at = start;
  const told = (type: RoomEvent['type'], data: object, reasons = true) =>
    inWordsOfRoom(history.add('room-r', type, { roomId: 'r', at, by: 'ada', ...data } as never) as Recorded<RoomEvent>, (id) => id.toUpperCase(), { reasons });

  it('says in a sentence what happened', () => {
    expect(told('ParticipantJoined', { personId: 'bob', role: 'student', via: 'code' })).toBe('BOB joined, with the access code as student');
    expect(told('RoomPermissionsChanged', { role: 'student', changes: { draw: false, edit: 'all', kick: null } })).toBe('Every student here: draw off, edit all, kick as the role has it, by ADA');
    expect(told('RoomSettingsChanged', { accessHash: 'scrypt:x:y', maxParticipants: 4, settings: { chat: false } })).toBe('Settings changed by ADA: a new access code, 4 seats, chat off');
    expect(told('BoardCleared', { version: 4, pageId: 'page-1' })).toBe('Page page-1 was cleared by ADA (version 4)');
  });

  it('tells why somebody was taken out only to who may know, and leaves chat and single sockets out', () => {
    expect(told('ParticipantKicked', { personId: 'bob', reason: 'loud' }, false)).toBe('BOB was taken out by ADA');
    expect(told('ParticipantKicked', { personId: 'bob', reason: 'loud' })).toBe('BOB was taken out by ADA: loud');
    expect(told('ChatSaid', { personId: 'bob', messageId: 'm', text: 'secret' })).toBeUndefined();
    expect(told('ParticipantDropped', { personId: 'bob' })).toBeUndefined();
  });

  it('names everybody whom its sentences name', () => {
    const event = history.add('room-r', 'RoomHostChanged', { roomId: 'r', at, by: 'x', hostId: 'bob', previousHostId: 'ada', reason: 'transferred' }) as Recorded<RoomEvent>;
    expect(peopleIn(event).toSorted()).toEqual(['ada', 'bob', 'x']);
  });
});
