import { roleDefaults } from '../../../src/domain/room/permissions.ts';
import type { Decoded } from '../../../src/eventLog/recorded.ts';
import { auditRooms } from '../../../src/projections/audit/auditRooms.ts';
import { createHistory, type History } from '../support/history.ts';

const at = '2026-03-02T08:00:00.000Z';
const logOf = (history: History) => ({
  async *readAll(): AsyncIterable<Decoded[]> {
    yield history.events.map((event) => ({ ok: true as const, event }));
  },
});
const kinds = async (history: History) => (await auditRooms(logOf(history))).findings.map(({ kind }) => kind);

/** A room that is active, with a host and a student in it. */
function lesson({ most = 3 } = {}) {
  const history = createHistory();
  const inRoom = { roomId: 'r', at };
  const room = {
    history,
    add: ((type: string, data: object) => history.add('room-r', type as never, { ...inRoom, ...data } as never)) as (type: string, data: object) => unknown,
    join: (personId: string, role = 'student') => room.add('ParticipantJoined', { personId, role, via: 'lesson' }),
    revision: () => history.events.filter(({ stream }) => stream === 'room-r').length - 1,
    draw: (personId: string, seq: number, ops: object[], more: object = {}) =>
      history.add('board-r', 'OpGroupApplied', { roomId: 'r', personId, clientId: 'tab', seq, gestureId: `g${seq}`, kind: 'ops', ops: ops as never, roomRevision: room.revision(), ...more }),
  };
  room.add('RoomCreated', {
    by: 'boss', type: 'lesson', title: 'Optics', lessonId: 'l', hostId: 'host', scheduledStart: at, scheduledEnd: at, settings: { waitingRoom: false, hostAbsence: 'pause', chat: true },
    accessHash: null, maxParticipants: most, recorded: false, roles: roleDefaults, rolesRevision: -1,
  });
  room.join('host', 'host');
  room.join('ann');
  room.add('RoomStarted', { by: 'host' });
  return room;
}
const add = (id: string, more: object = {}) => ({ op: 'shape.add', shape: { id, type: 'rectangle', ...more } });
const by = { by: 'host' };

describe('audit rooms', () => {
  it('finds nothing in the life of a room that keeps the rules', async () => {
    const room = lesson();
    room.draw('ann', 1, [add('one')]);
    room.draw('host', 1, [{ op: 'shape.update', id: 'one', set: { x: 1 } }]);
    room.add('ParticipantPermissionsChanged', { ...by, personId: 'ann', changes: { clearBoard: true } });
    room.draw('ann', 4, [{ op: 'board.clear' }]); // 2 and 3 were refused
    room.add('SnapshotTaken', { snapshotId: 's', version: 3, type: 'auto', schemaVersion: 1, sha256: '', bytes: 1, shapes: 0, participants: 2, authorId: '' });
    room.add('ParticipantDropped', { personId: 'ann' });
    room.add('HostAbsent', { hostId: 'host', effect: 'pause' });
    room.add('HostReturned', { hostId: 'host', inTime: true });
    room.add('ParticipantReconnected', { personId: 'ann' });
    room.draw('ann', 5, [add('two')]);
    room.add('ParticipantKicked', { ...by, personId: 'ann', reason: '' });
    room.add('PersonInvited', { ...by, personId: 'ann', role: 'student' });
    room.join('ann');
    room.add('RoomCompleted', by);
    expect(await auditRooms(logOf(room.history))).toMatchObject({ ok: true, findings: [], rooms: 1, groups: 4 });
  });

  it('sees who draws without being allowed to: by permission, by whose shape it is, by the state of the room', async () => {
    const room = lesson();
    room.draw('host', 1, [add('hosts')]);
    room.draw('ann', 1, [{ op: 'shape.update', id: 'hosts', set: { x: 1 } }]);
    room.draw('ann', 2, [{ op: 'page.add', page: { id: 'p' } }]);
    room.draw('ann', 3, [add('locked', { locked: true })]);
    room.draw('stranger', 1, [add('strange')]);
    room.add('RoomPaused', by);
    room.draw('ann', 4, [add('late')]);
    room.draw('host', 2, [add('still')]);
    room.add('RoomResumed', by);
    room.add('ParticipantRoleChanged', { ...by, personId: 'ann', role: 'viewer', previousRole: 'student' });
    room.draw('ann', 5, [add('viewed')]);
    room.add('RoomTerminated', { ...by, reason: '' });
    room.draw('host', 3, [add('afterwards')]);
    expect((await auditRooms(logOf(room.history))).findings.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'notAllowed: shape.update of ann needs edit all', 'notAllowed: page.add of ann needs addLayers', 'notAllowed: shape.add of ann needs edit all',
      'notAllowed: stranger drew in a room that is without a seat for them', 'notAllowed: shape.add of stranger needs draw',
      'notAllowed: ann drew in a room that is paused', 'notAllowed: shape.add of ann needs draw',
      'notAllowed: host drew in a room that is without a seat for them',
    ]);
  });

  it('lets an admin without a seat bring a board back, and do nothing else; nobody afterwards', async () => {
    const room = lesson();
    const restore = { op: 'board.restore', toVersion: 1, blob: 'b' };
    const byRole = (role: string, seq: number, ops: object[]) => {
      const group = room.draw('boss', seq, ops);
      group.metadata.actor = { id: 'boss', role };
    };
    room.draw('ann', 1, [add('one')]);
    byRole('admin', 1, [restore]);
    expect(await kinds(room.history)).toEqual([]);
    byRole('manager', 2, [restore]);
    byRole('admin', 3, [restore, add('two')]);
    byRole('admin', 4, [add('three')]);
    room.add('RoomTerminated', { ...by, reason: '' });
    byRole('admin', 5, [restore]);
    expect((await auditRooms(logOf(room.history))).findings.map(({ message }) => message)).toEqual([
      'boss drew in a room that is without a seat for them', 'board.restore of boss needs restore',
      'boss drew in a room that is without a seat for them', 'board.restore of boss needs restore', 'shape.add of boss needs draw',
      'boss drew in a room that is without a seat for them', 'shape.add of boss needs draw',
      'boss restored the board of a room that is terminated',
    ]);
  });

  it('sees a group that was checked under another revision of the room than it was written in', async () => {
    const room = lesson();
    room.draw('ann', 1, [add('one')], { roomRevision: room.revision() - 1 });
    room.draw('ann', 2, [add('two')], { roomRevision: room.revision() + 1 });
    expect(await kinds(room.history)).toEqual(['wrongRevision', 'wrongRevision']);
  });

  it('sees too many people, a second host, a kicked person who is back, and steps that the status does not allow', async () => {
    const full = lesson({ most: 2 });
    full.join('bob');
    expect(await kinds(full.history)).toEqual(['overfull']);
    const hosts = lesson();
    hosts.add('RoomHostChanged', { ...by, hostId: 'ann', previousHostId: 'bob', reason: 'transferred' });
    expect(await kinds(hosts.history)).toEqual(['hostMismatch']);
    const kicked = lesson();
    kicked.add('ParticipantKicked', { ...by, personId: 'ann', reason: '' });
    kicked.join('ann');
    expect(await kinds(kicked.history)).toEqual(['kickedBack']);
    const twice = lesson();
    twice.add('RoomStarted', by);
    twice.add('RoomCompleted', by);
    twice.join('bob');
    expect(await kinds(twice.history)).toEqual(['badStatus', 'badStatus']);
  });

  it('sees sequences that come twice, versions with a hole, snapshots of nothing, and boards without a room', async () => {
    const room = lesson();
    room.draw('ann', 1, [add('one')]);
    room.draw('ann', 1, [add('again')]);
    room.add('SnapshotTaken', { snapshotId: 's', version: 9, type: 'auto', schemaVersion: 1, sha256: '', bytes: 1, shapes: 0, participants: 2, authorId: '' });
    room.history.add('board-x', 'OpGroupApplied', { roomId: 'x', personId: 'ann', clientId: 'tab', seq: 1, gestureId: 'g', kind: 'ops', ops: [], roomRevision: 0 });
    const hole = room.draw('ann', 2, [add('two')], { roomRevision: room.revision() });
    hole.revision += 1;
    expect(await kinds(room.history)).toEqual(['badSequence', 'badVersion', 'unknownRoom', 'badVersion']);
  });
});
