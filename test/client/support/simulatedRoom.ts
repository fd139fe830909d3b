import { gzipSync } from 'node:zlib';
import { decideGroup, decideRedo, decideUndo, docLines, emptyBoard, evolve, fold, heard, lastSeq, type Board, type BoardEvent, type Decision, type Op, type OpGroup } from '../../../src/domain/board/index.ts';

/*
 * A room's board as the protocol has it, in memory: decided when a message arrives, durable and told to everybody at `commit`. What was
 * decided and not committed is lost in a `crash`, as it would be with the process. Small on purpose: it is the measure, not the product.
 */
export type Line = { send(frame: { t: string; d: unknown }): void; close(code: number): void };

type Waiting = { line: number; seq: number; clientId: string } & ({ group: OpGroup } | { code: string });
/** `lagsAt`: it reads too slowly and gets no live ops any more; it stands there. */
type Connection = Line & { personId: string; clientId?: string; isNew: boolean; lagsAt?: number };

export type SimulatedRoom = {
  log: readonly BoardEvent[];
  connect(personId: string, line: Line): { receive(message: { t: string; d: never }): void; gone(): void };
  /** What waits becomes durable, is acknowledged, and told. */
  commit(): void;
  crash(): void;
  /** Everybody who has been welcomed reads too slowly from now on. Acknowledgements go on. */
  lag(): void;
  /** They have read down: a reset to the newest snapshot where that is ahead of them, and what comes after it. */
  catchUp(): void;
  /** Whether somebody may edit from now on. */
  allow(personId: string, may: boolean): void;
  /** The newest snapshot is of this version. */
  snapshot(): void;
  snapshotBody(version: number): Buffer;
  board(): Board;
};

export function createSimulatedRoom({ tailGroups = 5, commitAtOnce = false, role = (_: string): string => 'student' } = {}): SimulatedRoom {
  const log: BoardEvent[] = [];
  let board: Board = emptyBoard;
  let waiting: Waiting[] = [];
  let snapshotAt = 0;
  const refused = new Set<string>();
  const connections = new Map<number, Connection>();
  let nextLine = 0;

  const frameOf = (connection: Connection, group: OpGroup, version: number): unknown => {
    const isOwn = connection.clientId === group.clientId && connection.personId === group.personId;
    const { personId, clientId, seq, gestureId, kind, undoes, ops } = group;
    if (isOwn && kind === 'ops' && !connection.isNew) return { version, clientId, seq };
    return { version, personId, clientId, seq, gestureId, kind, ops, ...(undoes === undefined ? {} : { undoes }) };
  };

  const commit = (): void => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const from = log.length;
    const groups: OpGroup[] = [];
    for (const one of batch) {
      if (!('group' in one)) continue;
      groups.push(one.group);
      log.push({ type: 'OpGroupApplied', data: one.group });
    }
    for (const [line, connection] of connections) {
      if (connection.clientId === undefined) continue;
      const own = batch.filter((one) => one.line === line);
      if (own.length > 0) {
        const told = own.filter((one): one is Waiting & { code: string } => 'code' in one);
        connection.send({ t: 'ack', d: { upTo: Math.max(...own.map(({ seq }) => seq)), version: log.length, noop: told.filter(({ code }) => code === 'noop').map(({ seq }) => seq), rejected: told.filter(({ code }) => code !== 'noop' && code !== 'repeated').map(({ seq, code }) => ({ seq, code })) } });
      }
      if (groups.length > 0 && connection.lagsAt === undefined) connection.send({ t: 'ops', d: { from, groups: groups.map((group, i) => frameOf({ ...connection, isNew: false }, group, from + i + 1)) } });
    }
  };

  const decided = (line: number, connection: Connection, seq: number, decision: Decision): void => {
    const clientId = connection.clientId ?? '';
    switch (decision.outcome) {
      case 'accepted': {
        board = decision.board;
        waiting.push({ line, seq, clientId, group: { ...decision.group, roomId: 'room', roomRevision: 1 } });
        break;
      }
      case 'noop': board = decision.board; waiting.push({ line, seq, clientId, code: 'noop' }); break;
      case 'rejected': board = decision.board; waiting.push({ line, seq, clientId, code: decision.code }); break;
      case 'repeated': waiting.push({ line, seq, clientId, code: 'repeated' }); break;
      case 'seqGap': connection.send({ t: 'error', d: { code: 'seqGap', retryable: true, ref: String(seq) } }); break;
    }
    if (commitAtOnce) commit();
  };

  const greet = (connection: Connection, hello: { clientId: string; lastVersion: number; ackedSeq: number }): void => {
    commit();
    connection.clientId = hello.clientId;
    connection.isNew = hello.lastVersion === 0;
    board = heard(board, connection.personId, hello.clientId, hello.ackedSeq);
    const version = log.length;
    const whole = version - hello.lastVersion > tailGroups && snapshotAt > hello.lastVersion;
    const permissions = { draw: !refused.has(connection.personId), edit: refused.has(connection.personId) ? 'none' : 'all', addLayers: true, deleteLayers: true, reorderLayers: true, clearBoard: true, toggleVideo: true, toggleAudio: true, uploadImages: true };
    connection.send({ t: 'welcome', d: {
      version, lastSeq: lastSeq(board, connection.personId, hello.clientId), you: { personId: connection.personId, clientId: hello.clientId, connectionId: 'c', role: role(connection.personId) },
      room: { id: 'room', status: 'active', type: 'lesson', revision: 1, hostId: 'host' }, serverTime: '2026-01-01T00:00:00.000Z', permissions, limits: { opsPerSecond: 60, opsBurst: 300 },
      ...(whole ? { snapshotUrl: `/snapshots/${snapshotAt}`, snapshotVersion: snapshotAt } : {}),
    } });
    const from = whole ? snapshotAt : hello.lastVersion;
    if (version > from) connection.send({ t: 'ops', d: { from, groups: log.slice(from).map(({ data }, i) => frameOf(connection, data, from + i + 1)) } });
    connection.isNew = false;
  };

  return {
    log, commit,
    board: () => board,
    connect(personId, line) {
      const id = nextLine++;
      const connection: Connection = { ...line, personId, isNew: false };
      connections.set(id, connection);
      const rules = { may: () => !refused.has(personId) };
      return {
        receive({ t, d }) {
          if (!connections.has(id)) return;
          if (t === 'hello') return greet(connection, d);
          if (connection.clientId === undefined) return;
          const request = { personId, clientId: connection.clientId, ...(d as { seq: number; gestureId: string; ops: Op[] }) };
          switch (t) {
            case 'ops': return decided(id, connection, request.seq, decideGroup(board, request, rules));
            case 'undo': return decided(id, connection, request.seq, decideUndo(board, request, rules));
            case 'redo': return decided(id, connection, request.seq, decideRedo(board, request, rules));
            case 'pointer': case 'stroke': case 'laser':
              for (const [other, { send }] of connections) if (other !== id) send({ t: 'presence', d: { people: [{ personId, clientId: connection.clientId, ...(t === 'stroke' ? { strokes: [d] } : { [t]: d }) }] } });
          }
        },
        gone: () => {
          connections.delete(id);
          for (const { send } of connections.values()) send({ t: 'presence', d: { people: [{ personId, clientId: connection.clientId ?? '', gone: true }] } });
        },
      };
    },
    lag() {
      for (const connection of connections.values()) if (connection.clientId !== undefined) connection.lagsAt ??= log.length;
    },
    catchUp() {
      commit();
      for (const connection of connections.values()) {
        let from = connection.lagsAt;
        if (from === undefined) continue;
        delete connection.lagsAt;
        if (snapshotAt > from) {
          from = snapshotAt;
          connection.send({ t: 'reset', d: { version: from, snapshotUrl: `/snapshots/${from}`, snapshotVersion: from } });
        }
        const at = from;
        if (log.length > at) connection.send({ t: 'ops', d: { from: at, groups: log.slice(at).map(({ data }, i) => frameOf({ ...connection, isNew: false }, data, at + i + 1)) } });
      }
    },
    crash() {
      waiting = [];
      board = fold(emptyBoard, log);
      const open = [...connections.values()];
      connections.clear();
      for (const { close } of open) close(1012);
    },
    allow: (personId, may) => void (may ? refused.delete(personId) : refused.add(personId)),
    snapshot: () => { snapshotAt = log.length; },
    snapshotBody(version) {
      const { doc } = log.slice(0, version).reduce(evolve_, emptyBoard);
      return gzipSync([...docLines(version, doc)].join(''));
    },
  };
}

const evolve_ = (board: Board, event: BoardEvent): Board => evolve(board, event);
