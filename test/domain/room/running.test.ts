import { durationOf, mayDraw, type Room, room as aggregate, type RoomEvent, whyNotDraw } from '../../../src/domain/room/index.ts';
import { given as givenAny } from '../scenario.ts';
import { admin, asks, at, command, completed, connected, event, joined, newRoom, paused, room, running, started, system } from './support.ts';

const given = (...history: RoomEvent[]) => givenAny(aggregate, ...history);

describe('a room', () => {
  it('is created once, with seats, a title and a time that can be', () => {
    const create = (changes: Partial<typeof newRoom>) => command('create', admin, { roomType: 'lesson', room: { ...newRoom, ...changes } });
    given().when(create({})).then({ type: 'RoomCreated', data: { type: 'lesson', hostId: 'ada', by: 'boss' } });
    given(room()).when(create({})).nothing();
    given().when(create({ maxParticipants: 0 })).refuses('invalidRoom', { field: 'maxParticipants' });
    given().when(create({ title: '' })).refuses('invalidRoom', { field: 'title' });
    given().when(create({ scheduledEnd: newRoom.scheduledStart })).refuses('invalidRoom', { field: 'scheduledEnd' });
  });

  it('for one is entered and begun as it is made, and takes no second', () => {
    given().when(command('createSolo', asks('ada'), { room: { ...newRoom, lessonId: null } })).then({ type: 'RoomCreated', data: { type: 'solo' } }, { type: 'ParticipantJoined', data: { role: 'solo' } }, { type: 'RoomStarted' });
    const solo: RoomEvent[] = [{ type: 'RoomCreated', data: { ...newRoom, lessonId: null, type: 'solo', at: at(0), by: 'ada' } }];
    given(...solo).when(command('join', asks('bob'), { personId: 'bob', entitlement: { kind: 'lesson' } })).refuses('notInvited');
    given(...solo).when(command('invite', asks('ada'), { personIds: ['bob'], role: 'student' })).refuses('soloRoom');
  });

  it('is started by a host of it, or an admin', () => {
    given(room(), joined('bob')).when(command('start', asks('bob'), {})).refuses('forbidden', { needs: 'host' });
    given(room()).when(command('start', asks('eve'), {})).refuses('notInRoom');
    given(room()).when(command('start', asks('ada'), {})).then({ type: 'RoomStarted', data: { by: 'ada' } });
    given(room()).when(command('start', admin, {})).then({ type: 'RoomStarted', data: { by: 'boss' } });
    given(...running).when(command('start', asks('ada'), {})).nothing();
    given(...running, paused).when(command('start', asks('ada'), {})).refuses('roomPaused');
  });

  it('pauses and goes on, and counts both', () => {
    given(...running).when(command('pause', asks('ada'), {})).then({ type: 'RoomPaused' });
    given(...running, paused).when(command('pause', asks('ada'), {})).nothing();
    given(...running, paused).when(command('resume', asks('ada'), {})).then({ type: 'RoomResumed' });
    given(...running).when(command('resume', asks('ada'), {})).nothing();
    given(room()).when(command('pause', asks('ada'), {})).refuses('roomNotStarted');
    const ended = given(...running, paused, event('RoomResumed', 15, {}), event('RoomPaused', 50, {}), completed).state as Room;
    expect(ended).toMatchObject({ status: 'completed', startedAt: at(0), endedAt: at(60) });
    expect(durationOf(ended, at(99))).toEqual({ totalSeconds: 3_600, pausedSeconds: 900 });
  });

  it('that has ended stays so', () => {
    for (const end of [completed, event('RoomTerminated', 60, { reason: 'fire' })]) {
      for (const type of ['start', 'pause', 'resume'] as const) given(...running, end).when(command(type, asks('ada'), {})).refuses('roomEnded');
      given(...running, end).when(command('join', asks('ada'), { personId: 'ada', entitlement: { kind: 'none' } })).refuses('roomEnded');
      given(...running, end).when(command('say', asks('ada'), { personId: 'ada', messageId: 'm', text: 'late' })).refuses('roomEnded');
      given(...running, end).when(command('drop', system, { personId: 'ada' })).nothing();
    }
    given(...running, completed).when(command('complete', asks('ada'), {})).nothing();
    given(...running, completed).when(command('terminate', admin, { reason: '' })).refuses('roomEnded', { status: 'completed' });
  });

  it('still takes the record of a last snapshot after its end', () => {
    const snapshot = { snapshotId: 's', version: 3, type: 'terminate' as const, schemaVersion: 1, sha256: 'x', bytes: 9, shapes: 1, participants: 2, authorId: '' };
    given(...running, completed).when(command('recordSnapshot', system, { snapshot })).then({ type: 'SnapshotTaken', data: { snapshotId: 's', version: 3 } });
    const taken: RoomEvent = { type: 'SnapshotTaken', data: { roomId: 'r', at: at(60), ...snapshot } };
    given(...running, completed, taken).when(command('recordSnapshot', system, { snapshot })).nothing();
    given(...running, taken).when(command('removeSnapshots', system, { snapshotIds: ['s', 'gone'] })).then({ type: 'SnapshotsRemoved', data: { snapshotIds: ['s'] } });
    given(...running).when(command('removeSnapshots', system, { snapshotIds: ['s'] })).nothing();
  });

  it('expires only while it was not started', () => {
    given(room(), joined('bob')).when(command('expire', system, { reason: 'nobody started it' })).then({ type: 'RoomExpired' });
    given(...running).when(command('expire', system, { reason: '' })).refuses('roomStarted');
    given(room()).when(command('expire', admin, { reason: '' })).refuses('forbidden');
  });

  it('takes what our own clockwork says from nobody else', () => {
    for (const by of [asks('ada'), admin]) {
      given(...running).when(command('drop', by, { personId: 'bob' })).refuses('forbidden');
      given(...running).when(command('setHost', by, { hostId: 'bob' })).refuses('forbidden');
      given(...running).when(command('hostAbsent', by, {})).refuses('forbidden');
    }
  });
});

describe('a silent host', () => {
  const gone = [...running, event('ParticipantDropped', 10, { personId: 'ada' })];
  const absent = (effect: 'pause' | 'lock' | 'carryOn') => [...gone, event('HostAbsent', 11, { hostId: 'ada', effect })];
  const back = (minute: number) => ({ ...command('connect', system, { personId: 'ada' }), at: at(minute) });
  const after = (history: RoomEvent[], minute: number) => {
    const { state } = given(...history);
    return aggregate.decider.decide(back(minute), state).reduce(aggregate.decider.evolve, state) as Room;
  };

  it('is noted once, and only while the room runs', () => {
    given(...gone).when(command('hostAbsent', system, {})).then({ type: 'HostAbsent', data: { hostId: 'ada', effect: 'pause' } });
    given(...absent('carryOn')).when(command('hostAbsent', system, {})).nothing();
    given(...running).when(command('hostAbsent', system, {})).nothing();
    given(room()).when(command('hostAbsent', system, {})).nothing();
  });

  it('pauses the room, locks the others\' drawing, or neither', () => {
    expect(given(...absent('pause')).state).toMatchObject({ status: 'paused', locked: false });
    expect(given(...absent('lock')).state).toMatchObject({ status: 'active', locked: true });
    expect(given(...absent('carryOn')).state).toMatchObject({ status: 'active', locked: false });
    expect(whyNotDraw(given(...absent('lock')).state, 'bob')).toBe('drawingLocked');
    expect(mayDraw(given(...absent('carryOn')).state, 'bob')).toBe(true);
  });

  it('who is back in time finds the room as it was', () => {
    given(...absent('pause')).when(back(16)).then({ type: 'ParticipantReconnected' }, { type: 'HostReturned', data: { inTime: true } });
    expect(after(absent('pause'), 16)).toMatchObject({ status: 'active', pausedMs: 5 * 60_000, hostAbsence: null });
    expect(after(absent('lock'), 16)).toMatchObject({ status: 'active', locked: false, hostAbsence: null });
  });

  it('who is back too late finds the pause, until somebody resumes', () => {
    given(...absent('pause')).when({ ...back(16), at: at(16, 1) }).then({ type: 'ParticipantReconnected' }, { type: 'HostReturned', data: { inTime: false } });
    expect(after(absent('pause'), 17)).toMatchObject({ status: 'paused', hostAbsence: null });
    expect(after(absent('lock'), 17)).toMatchObject({ locked: true, hostAbsence: null });
    given(...absent('lock'), event('HostReturned', 17, { hostId: 'ada', inTime: false })).when(command('resume', asks('ada'), {})).then({ type: 'RoomResumed' });
  });

  it('is not noted again when somebody has resumed meanwhile, and then changes nothing by coming back', () => {
    const resumed = [...absent('pause'), event('RoomResumed', 12, { by: 'boss' })];
    given(...resumed).when(command('hostAbsent', system, {})).nothing();
    expect(after([...resumed, event('RoomPaused', 13, { by: 'boss' })], 14)).toMatchObject({ status: 'paused', hostAbsence: null });
  });

  it('does not end a pause that was there before', () => {
    expect(after([...absent('lock'), event('RoomPaused', 12, {})], 13)).toMatchObject({ status: 'paused', locked: false });
  });
});

describe('drawing', () => {
  const states = { scheduled: [room()], waiting: [room(), joined('bob'), joined('ada', 'host')], active: running, paused: [...running, paused], completed: [...running, completed] };
  it.each(Object.entries(states))('in a room that is %s: the host before and during, others during, nobody after', (status, history) => {
    const { state } = given(...history);
    expect(state.status).toBe(status);
    expect(mayDraw(state, 'ada')).toBe(status !== 'completed' && status !== 'scheduled'); // nobody draws without a seat
    expect(mayDraw(state, 'bob')).toBe(status === 'active');
    expect(whyNotDraw(state, 'eve')).toBe(status === 'completed' ? 'roomEnded' : 'notInRoom');
  });

  it('ends with the seat', () => {
    expect(whyNotDraw(given(...running, event('ParticipantKicked', 5, { personId: 'bob', reason: '' })).state, 'bob')).toBe('notInRoom');
    expect(whyNotDraw(given(room(), joined('ada', 'host'), connected('ada'), event('ParticipantLeft', 1, { personId: 'ada' }), started).state, 'ada')).toBe('notInRoom');
  });
});
