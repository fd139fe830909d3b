import type { CloseCode } from '../protocol/closeCodes.ts';
import type { Channel } from '../protocol/envelope.ts';
import type { Broadcast, ConnectionInfo, EdgeSide, Lane } from '../roomLink.ts';

/** A socket that is attached. `clientId`: board only. */
export type Connection = ConnectionInfo & { readonly edge: EdgeSide; readonly clientId: string | undefined };

export type Connections = {
  get(connectionId: string): Connection | undefined;
  of(personId: string): Connection[];
  ofClient(personId: string, clientId: string): Connection | undefined;
  on(channel: Channel): Connection[];
  size(): number;
  /** People with a socket, of whatever channel. */
  isPresent(personId: string): boolean;
  people(): string[];
  /**
   * Takes it in. Older ones that it takes over from are closed with 4409 and answered: the same client, the same device on this channel,
   * and on webrtc any device of the person. Undefined: the person has as many devices as there may be.
   */
  add(connection: Connection): { replaced: Connection[] } | undefined;
  remove(connectionId: string): Connection | undefined;

  enter(edge: EdgeSide): void;
  leave(edge: EdgeSide): void;
  edges(): ReadonlySet<EdgeSide>;
  toOne(connectionId: string, frame: string, lane: Lane): void;
  toAll(broadcast: Broadcast): void;
  /** To every socket of a person on a channel. */
  toPerson(personId: string, channel: Channel, frame: string): void;
  close(connection: Connection, code: CloseCode, detail?: string): void;
};

export function createConnections(mostDevices: number): Connections {
  const byId = new Map<string, Connection>();
  const byPerson = new Map<string, Set<Connection>>();
  const byClient = new Map<string, Connection>();
  const edges = new Set<EdgeSide>();
  const clientOf = (personId: string, clientId: string) => `${personId}\n${clientId}`;

  const remove = (connectionId: string): Connection | undefined => {
    const connection = byId.get(connectionId);
    if (!connection) return undefined;
    byId.delete(connectionId);
    const own = byPerson.get(connection.personId);
    own?.delete(connection);
    if (own?.size === 0) byPerson.delete(connection.personId);
    if (connection.clientId !== undefined) {
      const key = clientOf(connection.personId, connection.clientId);
      if (byClient.get(key) === connection) byClient.delete(key);
    }
    return connection;
  };

  const takesOver = (next: Connection, old: Connection): boolean =>
    old.channel === next.channel && (old.deviceId === next.deviceId || next.channel === 'webrtc' || (next.clientId !== undefined && old.clientId === next.clientId));

  const close = (connection: Connection, code: CloseCode, detail?: string): void => {
    remove(connection.connectionId);
    connection.edge.close(connection.connectionId, code, detail);
  };

  return {
    get: (connectionId) => byId.get(connectionId),
    of: (personId) => [...(byPerson.get(personId) ?? [])],
    ofClient: (personId, clientId) => byClient.get(clientOf(personId, clientId)),
    on: (channel) => [...byId.values()].filter((one) => one.channel === channel),
    size: () => byId.size,
    isPresent: (personId) => byPerson.has(personId),
    people: () => [...byPerson.keys()],
    add(connection) {
      const own = [...(byPerson.get(connection.personId) ?? [])];
      const replaced = own.filter((old) => takesOver(connection, old));
      const devices = new Set(own.filter((old) => !replaced.includes(old)).map(({ deviceId }) => deviceId)).add(connection.deviceId);
      if (devices.size > mostDevices) return undefined;
      for (const old of replaced) close(old, 4409);
      byId.set(connection.connectionId, connection);
      byPerson.set(connection.personId, (byPerson.get(connection.personId) ?? new Set()).add(connection));
      if (connection.clientId !== undefined) byClient.set(clientOf(connection.personId, connection.clientId), connection);
      return { replaced };
    },
    remove,
    enter: (edge) => void edges.add(edge),
    leave: (edge) => void edges.delete(edge),
    edges: () => edges,
    toOne: (connectionId, frame, lane) => byId.get(connectionId)?.edge.toOne(connectionId, frame, lane),
    toAll: (broadcast) => {
      for (const edge of edges) edge.toAll(broadcast);
    },
    toPerson(personId, channel, frame) {
      for (const one of byPerson.get(personId) ?? []) if (one.channel === channel) one.edge.toOne(one.connectionId, frame, 'control');
    },
    close,
  };
}
