import type { Attached, ConnectionInfo, EdgeSide, FromClient, Hello, OwnerSide, Refused, RoomDoor } from '../../../../src/commands/rooms/roomLink.ts';

/** An owner that does what the test says: for what a real one does only under load, or never. */
export function scriptedDoor() {
  const script = {
    version: 0,
    lastSeq: 0,
    snapshot: undefined as number | undefined,
    attached: [] as (ConnectionInfo & { hello?: Hello })[],
    received: [] as { connectionId: string; message: FromClient }[],
    detached: [] as string[],
    closedDoors: 0,
    edges: [] as EdgeSide[],
    open: (): Promise<void> => Promise.resolve(),
    attach: (_connection: ConnectionInfo): Promise<Refused | undefined> => Promise.resolve(undefined),
    edge: (): EdgeSide => script.edges.at(-1)!,
  };
  const welcome = (connection: ConnectionInfo, hello: Hello): string => JSON.stringify({
    t: 'welcome',
    d: {
      version: script.version, lastSeq: script.lastSeq, you: { personId: connection.personId, clientId: hello.clientId, connectionId: connection.connectionId, role: 'student' },
      room: { id: 'room-1', status: 'active', type: 'lesson', revision: 3, hostId: 'teacher-1' }, serverTime: new Date().toISOString(), permissions: { draw: true, edit: 'own' }, limits: {},
    },
  });
  const status = JSON.stringify({ t: 'status', d: { roomId: 'room-1', status: 'active', revision: 3, hostId: 'teacher-1', hostAbsent: false, locked: false, startedAt: null } });
  const side: OwnerSide = {
    async attach(connection, hello) {
      const refused = await script.attach(connection);
      if (refused) return refused;
      script.attached.push({ ...connection, ...(hello ? { hello } : {}) });
      const answer: Attached = { ok: true, version: script.version, frames: hello ? [welcome(connection, hello)] : connection.channel === 'system' ? [status] : [], ...(script.snapshot === undefined ? {} : { snapshot: { version: script.snapshot } }) };
      return answer;
    },
    receive: (connectionId, message) => void script.received.push({ connectionId, message }),
    detach: (connectionId) => void script.detached.push(connectionId),
    close: () => { script.closedDoors += 1; },
  };
  const door: Pick<RoomDoor, 'open'> = {
    async open(_roomId, edge) {
      await script.open();
      script.edges.push(edge);
      return side;
    },
  };
  return { door, script };
}
