import { participantOf, permissionsOf, room as aggregate, type RoomEvent } from '../../../src/domain/room/index.ts';
import { mayOnBoard, needOfOp, needs, permissionNames, roleDefaults } from '../../../src/domain/room/permissions.ts';
import { op } from '../../../src/domain/board/ops.ts';
import { given as givenAny } from '../scenario.ts';
import { admin, asks, command, event, invited, joined, room, running, system } from './support.ts';

const given = (...history: RoomEvent[]) => givenAny(aggregate, ...history);
const exceptions = (of: { role: 'student' } | { personId: string }, changes: object, by = asks('ada')) => command('updatePermissions', by, { of, changes });

describe('permissions', () => {
  it('are the specification\'s for each role, until an admin says otherwise', () => {
    expect(permissionNames.filter((name) => roleDefaults.student[name] !== false)).toEqual(['draw', 'edit', 'uploadImages', 'export', 'toggleVideo', 'toggleAudio']);
    expect(roleDefaults.student.edit).toBe('own');
    for (const role of ['host', 'solo'] as const) expect(Object.values(roleDefaults[role]).every((value) => value === true || value === 'all')).toBe(true);
    expect(Object.values(roleDefaults.viewer).every((value) => value === false || value === 'none')).toBe(true);
  });

  it('name what each op on the board needs', () => {
    for (const { shape } of op.options) expect(Object.keys(needs)).toContain(shape.op.value);
    const student = mayOnBoard(roleDefaults.student);
    expect([student(needOfOp('shape.update', true)), student(needOfOp('shape.update', false)), student(needOfOp('shape.add', true)), student(needOfOp('board.clear', false))]).toEqual([true, false, true, false]);
  });

  it('are the role\'s, then the room\'s for the role, then the person\'s', () => {
    const of = (...more: RoomEvent[]) => permissionsOf(given(...running, ...more).state, 'bob');
    const forRole = event('RoomPermissionsChanged', 1, { role: 'student', changes: { draw: false, addLayers: true } });
    const forBob = event('ParticipantPermissionsChanged', 2, { personId: 'bob', changes: { draw: true, edit: 'all' } });
    expect(of()).toEqual(roleDefaults.student);
    expect(of(forRole)).toEqual({ ...roleDefaults.student, draw: false, addLayers: true });
    expect(of(forRole, forBob)).toEqual({ ...roleDefaults.student, draw: true, edit: 'all', addLayers: true });
    expect(of(forRole, forBob, event('ParticipantPermissionsChanged', 3, { personId: 'bob', changes: { draw: null } }))).toMatchObject({ draw: false, edit: 'all' });
    expect(permissionsOf(given(...running).state, 'eve')).toBeUndefined();
    expect(permissionsOf(given(...running, event('ParticipantKicked', 3, { personId: 'bob', reason: '' })).state, 'bob')).toBeUndefined();
  });

  it('follow the school\'s defaults when those change, but not backwards', () => {
    const roles = { ...roleDefaults, student: { ...roleDefaults.student, draw: false } };
    const adopt = (rolesRevision: number) => command('adoptRoleDefaults', system, { roles, rolesRevision });
    given(...running).when(adopt(0)).then({ type: 'RoleDefaultsAdopted', data: { rolesRevision: 0 } });
    const adopted = event('RoleDefaultsAdopted', 5, { roles, rolesRevision: 3 });
    given(...running, adopted).when(adopt(3)).nothing();
    given(...running, adopted).when(adopt(2)).nothing();
    expect(permissionsOf(given(...running, adopted).state, 'bob')).toMatchObject({ draw: false });
  });

  it('are changed by hosts and admins, never for the primary host', () => {
    given(...running).when(exceptions({ personId: 'bob' }, { draw: false }, asks('bob'))).refuses('forbidden', { needs: 'host' });
    given(...running).when(exceptions({ personId: 'bob' }, { draw: false }, admin)).then({ type: 'ParticipantPermissionsChanged', data: { personId: 'bob', by: 'boss' } });
    given(...running).when(exceptions({ role: 'student' }, { draw: false })).then({ type: 'RoomPermissionsChanged', data: { role: 'student', changes: { draw: false } } });
    given(...running).when(exceptions({ personId: 'ada' }, { draw: false }, admin)).refuses('hostStays');
    given(...running).when(exceptions({ personId: 'eve' }, { draw: false })).refuses('participantNotFound');
    given(...running).when(exceptions({ personId: 'bob' }, { draw: null })).nothing();
  });

  it('that are taken away turn picture and sound off in the same breath', () => {
    const on = event('ParticipantMediaChanged', 1, { personId: 'bob', video: true, audio: true });
    given(...running, on).when(exceptions({ personId: 'bob' }, { toggleVideo: false }))
      .then({ type: 'ParticipantPermissionsChanged' }, { type: 'ParticipantMediaChanged', data: { personId: 'bob', video: false } });
    given(...running, on).when(command('changeRole', asks('ada'), { personId: 'bob', role: 'viewer' }))
      .then({ type: 'ParticipantRoleChanged' }, { type: 'ParticipantMediaChanged', data: { video: false, audio: false } });
  });
});

describe('roles', () => {
  it('come from the stream, never from what somebody says they are', () => {
    given(...running).when(command('changeRole', asks('bob'), { personId: 'bob', role: 'host' })).refuses('forbidden');
    const coHost = event('ParticipantRoleChanged', 4, { personId: 'bob', role: 'host', previousRole: 'student' });
    given(...running, coHost).when(command('pause', asks('bob'), {})).then({ type: 'RoomPaused' });
    given(...running, coHost, event('ParticipantLeft', 5, { personId: 'bob' })).when(command('pause', asks('bob'), {})).refuses('notInRoom');
  });

  it('of the primary host change only by handing over', () => {
    given(...running).when(command('changeRole', admin, { personId: 'ada', role: 'viewer' })).refuses('hostStays');
    given(...running).when(command('transferHost', asks('bob'), { hostId: 'bob' })).refuses('forbidden', { needs: 'primaryHost' });
    given(...running).when(command('transferHost', asks('ada'), { hostId: 'bob' })).then({ type: 'RoomHostChanged', data: { hostId: 'bob', previousHostId: 'ada', reason: 'transferred' } });
    given(...running, invited('eve')).when(command('transferHost', asks('ada'), { hostId: 'eve' })).refuses('participantNotHere');
  });

  it('after a handover: the new host runs the room, the former one stays a host beside them', () => {
    const { state } = given(...running, event('RoomHostChanged', 5, { hostId: 'bob', previousHostId: 'ada', reason: 'transferred' }));
    expect(state).toMatchObject({ hostId: 'bob', people: { ada: { role: 'host' }, bob: { role: 'host' } } });
  });

  it('after another teacher got the lesson: the former one looks on if they came, and is forgotten if not', () => {
    const reassigned = event('RoomHostChanged', 5, { hostId: 'eve', previousHostId: 'ada', reason: 'reassigned', by: 'reactor' });
    given(room()).when(command('setHost', system, { hostId: 'eve' })).then({ type: 'RoomHostChanged', data: { reason: 'reassigned' } });
    expect(participantOf(given(room(), reassigned).state, 'ada')).toBeUndefined();
    expect(given(...running, reassigned).state).toMatchObject({ hostId: 'eve', people: { ada: { role: 'viewer' }, eve: { role: 'host', status: 'invited' } } });
  });

  it('after a handover inside: the lesson\'s word stays what it was, until that changes', () => {
    const handedOver = event('RoomHostChanged', 5, { hostId: 'bob', previousHostId: 'ada', reason: 'transferred' });
    given(...running, handedOver).when(command('setHost', system, { hostId: 'ada' })).nothing();
    given(...running, handedOver).when(command('setHost', system, { hostId: 'bob' })).then({ type: 'RoomHostChanged', data: { hostId: 'bob', previousHostId: 'bob', reason: 'reassigned' } });
    expect(given(...running, handedOver, event('RoomHostChanged', 6, { hostId: 'bob', previousHostId: 'bob', reason: 'reassigned' })).state).toMatchObject({ hostId: 'bob', people: { bob: { role: 'host' } } });
  });

  it('that invite others give no more than they have', () => {
    const may = event('ParticipantPermissionsChanged', 1, { personId: 'bob', changes: { invite: true } });
    given(...running, may).when(command('invite', asks('bob'), { personIds: ['eve'], role: 'student' })).then({ type: 'PersonInvited' });
    given(...running, may).when(command('invite', asks('bob'), { personIds: ['eve'], role: 'host' })).refuses('forbidden', { needs: 'host' });
    given(...running).when(command('invite', asks('bob'), { personIds: ['eve'], role: 'student' })).refuses('forbidden', { needs: 'invite' });
    given(...running).when(command('invite', asks('ada'), { personIds: ['bob', 'eve', 'eve'], role: 'student' })).then({ type: 'PersonInvited', data: { personId: 'eve' } });
  });
});

describe('what people do in a room', () => {
  it('is theirs to do: media with the permission, off always, and never for others', () => {
    given(...running).when(command('updateMedia', asks('bob'), { personId: 'bob', video: true, quality: 'fair' })).then({ type: 'ParticipantMediaChanged', data: { video: true, quality: 'fair' } });
    given(...running).when(command('updateMedia', asks('bob'), { personId: 'bob', screen: true })).refuses('forbidden', { needs: 'shareScreen' });
    given(...running).when(command('updateMedia', asks('bob'), { personId: 'bob', screen: false })).nothing();
    given(...running).when(command('updateMedia', asks('ada'), { personId: 'bob', audio: false })).refuses('forbidden');
    given(...running).when(command('updateMedia', admin, { personId: 'boss', audio: true })).refuses('notInRoom');
  });

  it('is said by who is there, while there is a chat', () => {
    const say = (personId: string, text = 'hello') => command('say', asks(personId), { personId, messageId: 'm1', text });
    given(...running).when(say('bob')).then({ type: 'ChatSaid', data: { personId: 'bob', text: 'hello' } });
    given(...running).when(say('bob', 'x'.repeat(2_001))).refuses('invalidRoom', { field: 'text' });
    given(...running).when(say('eve')).refuses('notInRoom');
    given(...running, event('RoomSettingsChanged', 1, { settings: { chat: false } })).when(say('bob')).refuses('chatOff');
  });

  it('is set by hosts, and never below the seats that are taken', () => {
    given(...running).when(command('updateSettings', asks('bob'), { title: 'Mine' })).refuses('forbidden');
    given(...running).when(command('updateSettings', asks('ada'), { title: 'Mine' })).refuses('invalidRoom', { field: 'title' }); // it is the lesson's
    given(...running).when(command('updateSettings', system, { title: 'Optics 2' })).then({ type: 'RoomSettingsChanged', data: { title: 'Optics 2' } });
    given(...running, joined('cyd')).when(command('updateSettings', asks('ada'), { maxParticipants: 2 })).refuses('invalidRoom', { field: 'maxParticipants' });
    given(...running).when(command('updateSettings', asks('ada'), { title: 'Optics', maxParticipants: 4, settings: { chat: true } })).nothing();
    given(...running).when(command('updateSettings', asks('ada'), { maxParticipants: 2, settings: { chat: false, hostAbsence: 'pause' } }))
      .then({ type: 'RoomSettingsChanged', data: { maxParticipants: 2, settings: { chat: false } } });
  });
});
