import { isSeated, participantOf, room as aggregate, type RoomEvent } from '../../../src/domain/room/index.ts';
import { given as givenAny } from '../scenario.ts';
import { admin, asks, at, command, completed, connected, event, invited, joined, room, running, started, system } from './support.ts';

const given = (...history: RoomEvent[]) => givenAny(aggregate, ...history);
const join = (personId: string, kind: 'none' | 'lesson' | 'school' = 'none') => command('join', asks(personId), { personId, entitlement: { kind } });
const withCode = (personId: string, accessHash: string) => command('join', asks(personId), { personId, entitlement: { kind: 'code', accessHash } });

describe('joining a room', () => {
  it('makes its host the host, a pupil of the lesson a student, an admin a viewer, and who is invited what they were invited as', () => {
    given(room()).when(join('ada')).then({ type: 'ParticipantJoined', data: { personId: 'ada', role: 'host', via: 'host' } });
    given(room()).when(join('bob', 'lesson')).then({ type: 'ParticipantJoined', data: { role: 'student', via: 'lesson' } });
    given(room()).when(join('boss', 'school')).then({ type: 'ParticipantJoined', data: { role: 'viewer', via: 'school' } });
    given(room(), invited('eve', 'viewer')).when(join('eve', 'lesson')).then({ type: 'ParticipantJoined', data: { role: 'viewer', via: 'invitation' } });
  });

  it('is refused to who is neither invited nor of the lesson, and asks for the code where there is one', () => {
    given(room()).when(join('eve')).refuses('notInvited');
    given(room({ lessonId: null })).when(join('eve', 'lesson')).refuses('notInvited');
    given(room({ accessHash: 'h' })).when(join('eve')).refuses('accessCodeNeeded');
    given(room({ accessHash: 'h' })).when(withCode('eve', 'h')).then({ type: 'ParticipantJoined', data: { role: 'student', via: 'code' } });
  });

  it('with a code that was changed meanwhile is refused', () => {
    given(room({ accessHash: 'h' }), event('RoomSettingsChanged', -5, { accessHash: 'new' })).when(withCode('eve', 'h')).refuses('wrongAccessCode');
    given(room({ accessHash: 'h' }), event('RoomSettingsChanged', -5, { accessHash: null })).when(withCode('eve', 'h')).refuses('wrongAccessCode');
  });

  it('is for oneself only, and twice is once', () => {
    given(room()).when(command('join', asks('ada'), { personId: 'bob', entitlement: { kind: 'lesson' } })).refuses('forbidden');
    given(room(), joined('bob')).when(join('bob', 'lesson')).nothing();
  });

  it('stops when every seat is taken, and keeps one for the host who is not there yet', () => {
    const full = [room({ maxParticipants: 3 }), joined('bob'), joined('cyd')];
    given(...full).when(join('dan', 'lesson')).refuses('roomFull', { maxParticipants: 3 });
    given(...full).when(join('ada')).then({ type: 'ParticipantJoined' });
    given(...full, event('ParticipantDropped', 1, { personId: 'cyd' }), event('SeatReleased', 3, { personId: 'cyd' })).when(join('dan', 'lesson')).then({ type: 'ParticipantJoined' });
  });

  it('keeps the seat of who drops out until it is released', () => {
    const dropped = [room({ maxParticipants: 3 }), joined('bob'), joined('cyd'), connected('cyd'), event('ParticipantDropped', 1, { personId: 'cyd' })];
    given(...dropped).when(join('dan', 'lesson')).refuses('roomFull');
    given(...dropped).when(command('connect', system, { personId: 'cyd' })).then({ type: 'ParticipantReconnected', data: { personId: 'cyd' } });
    expect(participantOf(given(...dropped, event('ParticipantReconnected', 2, { personId: 'cyd' })).state, 'cyd')).toMatchObject({ status: 'connected', reconnects: 1 });
  });

  it('again after leaving needs no invitation, and keeps the role', () => {
    given(room({ accessHash: 'h' }), invited('eve', 'viewer'), joined('eve', 'viewer'), event('ParticipantLeft', 5, { personId: 'eve' })).when(join('eve')).then({ type: 'ParticipantJoined', data: { role: 'viewer', via: 'again' } });
  });

  it('moves a scheduled room to waiting', () => {
    expect(given(room(), joined('bob')).state).toMatchObject({ status: 'waiting', seats: 1 });
    expect(given(room(), invited('bob')).state).toMatchObject({ status: 'scheduled', seats: 0 });
  });
});

describe('a kicked person', () => {
  const kicked = [...running, event('ParticipantKicked', 5, { personId: 'bob', reason: 'loud' })];

  it('is out, and cannot come back by any door', () => {
    expect(given(...kicked).state).toMatchObject({ seats: 1 });
    for (const kind of ['none', 'lesson', 'school'] as const) given(...kicked).when(join('bob', kind)).refuses('kickedOut');
    given(...kicked, event('RoomSettingsChanged', 6, { accessHash: 'h' })).when(withCode('bob', 'h')).refuses('kickedOut');
    given(...kicked).when(command('connect', system, { personId: 'bob' })).refuses('kickedOut');
  });

  it('comes back when invited again', () => {
    given(...kicked).when(command('invite', asks('ada'), { personIds: ['bob'], role: 'viewer' })).then({ type: 'PersonInvited', data: { personId: 'bob', role: 'viewer' } });
    given(...kicked, invited('bob', 'viewer')).when(join('bob')).then({ type: 'ParticipantJoined', data: { role: 'viewer', via: 'invitation' } });
  });

  it('is never the primary host', () => {
    given(...running, event('ParticipantRoleChanged', 4, { personId: 'bob', role: 'host', previousRole: 'student' })).when(command('kick', asks('bob'), { personId: 'ada', reason: '' })).refuses('hostStays');
    given(...running).when(command('kick', admin, { personId: 'ada', reason: '' })).refuses('hostStays');
  });

  it('is taken out by who has the right to, and by nobody else', () => {
    given(...running).when(command('kick', asks('bob'), { personId: 'bob', reason: '' })).refuses('forbidden', { needs: 'kick' });
    given(...running).when(command('kick', asks('ada'), { personId: 'nobody', reason: '' })).refuses('participantNotFound');
    given(...running).when(command('kick', asks('ada'), { personId: 'bob', reason: 'loud' })).then({ type: 'ParticipantKicked', data: { personId: 'bob', by: 'ada', reason: 'loud' } });
    given(...kicked).when(command('kick', asks('ada'), { personId: 'bob', reason: '' })).nothing();
  });

  it('is never who does it: with the right to take others out, or the school behind them, people leave', () => {
    const mayKick = event('ParticipantPermissionsChanged', 4, { personId: 'bob', changes: { kick: true } });
    given(...running, mayKick, joined('cyd')).when(command('kick', asks('bob'), { personId: 'cyd', reason: '' })).then({ type: 'ParticipantKicked' });
    given(...running, mayKick).when(command('kick', asks('bob'), { personId: 'bob', reason: '' })).refuses('forbidden');
    given(...running, joined('boss', 'viewer')).when(command('kick', admin, { personId: 'boss', reason: '' })).refuses('forbidden');
  });
});

describe('a waiting room', () => {
  const asked = room({ maxParticipants: 3, settings: { waitingRoom: true, hostAbsence: 'pause', chat: true } });
  const waiting = [asked, joined('ada', 'host'), event('AdmissionRequested', 1, { personId: 'bob', role: 'student' })];

  it('keeps who comes without a seat until admitted, but neither host nor admin', () => {
    given(asked).when(join('bob', 'lesson')).then({ type: 'AdmissionRequested', data: { personId: 'bob' } });
    given(asked).when(join('ada')).then({ type: 'ParticipantJoined' });
    given(asked).when(join('boss', 'school')).then({ type: 'ParticipantJoined' });
    const { state } = given(...waiting);
    expect(state).toMatchObject({ seats: 1 });
    expect(isSeated(participantOf(state, 'bob'))).toBe(false);
    given(...waiting).when(command('connect', system, { personId: 'bob' })).nothing();
    given(...waiting).when(command('say', asks('bob'), { personId: 'bob', messageId: 'm', text: 'let me in' })).refuses('notInRoom');
  });

  it('is opened by who may invite, one by one, while there are seats', () => {
    given(...waiting).when(command('admit', asks('ada'), { personId: 'bob' })).then({ type: 'ParticipantAdmitted', data: { personId: 'bob', by: 'ada' } });
    given(...waiting).when(command('admit', asks('bob'), { personId: 'bob' })).refuses('notInRoom');
    given(...waiting, joined('cyd'), joined('dan')).when(command('admit', asks('ada'), { personId: 'bob' })).refuses('roomFull');
    const admitted = event('ParticipantAdmitted', 2, { personId: 'bob' });
    expect(given(...waiting, admitted).state).toMatchObject({ seats: 2 });
    given(...waiting, admitted).when(command('connect', system, { personId: 'bob' })).then({ type: 'ParticipantConnected' });
  });

  it('that is taken away lets those in who fit', () => {
    given(...waiting, event('AdmissionRequested', 1, { personId: 'cyd', role: 'student' }), event('AdmissionRequested', 1, { personId: 'dan', role: 'student' }))
      .when(command('updateSettings', asks('ada'), { settings: { waitingRoom: false } }))
      .then({ type: 'RoomSettingsChanged' }, { type: 'ParticipantAdmitted', data: { personId: 'bob' } }, { type: 'ParticipantAdmitted', data: { personId: 'cyd' } });
  });

  it('gives up whom it no longer hears of', () => {
    given(...waiting).when(command('releaseSeat', system, { personId: 'bob' })).then({ type: 'SeatReleased', data: { personId: 'bob' } });
    expect(given(...waiting, event('SeatReleased', 3, { personId: 'bob' })).state).toMatchObject({ seats: 1, people: { bob: { status: 'disconnected', waiting: false, leftAt: null } } });
  });
});

describe('seats', () => {
  it('are counted through every turn', () => {
    const seats = (...history: RoomEvent[]) => (given(...running, ...history).state as { seats: number }).seats;
    expect(seats()).toBe(2);
    expect(seats(event('ParticipantDropped', 1, { personId: 'bob' }))).toBe(2);
    expect(seats(event('ParticipantLeft', 1, { personId: 'bob' }))).toBe(1);
    expect(seats(event('ParticipantLeft', 1, { personId: 'bob' }), event('ParticipantLeft', 2, { personId: 'ada' }))).toBe(0);
    expect(seats(completed)).toBe(0);
  });

  it('remember since when nobody has one', () => {
    expect(given(...running).state).toMatchObject({ emptySince: null });
    expect(given(...running, event('ParticipantLeft', 1, { personId: 'bob' }), event('ParticipantLeft', 7, { personId: 'ada' })).state).toMatchObject({ emptySince: at(7) });
  });

  it('hold a person\'s time while connected, not while away', () => {
    const { state } = given(
      room(), joined('ada', 'host'), connected('ada', 0), started, event('ParticipantDropped', 10, { personId: 'ada' }), event('ParticipantReconnected', 11, { personId: 'ada' }),
      event('ParticipantLeft', 20, { personId: 'ada' }), joined('ada', 'host', 30), connected('ada', 31), event('RoomCompleted', 40, {}),
    );
    expect(participantOf(state, 'ada')).toMatchObject({ connectedMs: (10 + 9 + 9) * 60_000, reconnects: 1, status: 'left', joinedAt: at(0), leftAt: at(40) });
  });
});
