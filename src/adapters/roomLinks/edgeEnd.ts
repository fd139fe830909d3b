import type { WebSocket } from 'ws';
import type { Attached, EdgeSide, NodeLink, OwnerSide, Refused, RoomCommandAnswer } from '../../commands/rooms/roomLink.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { EventStoreError } from '../../ports/eventStore.ts';
import { watchLink } from './aliveness.ts';
import { dial } from './dial.ts';
import { errorThatCame, type FromEdge, type FromOwner } from './messages.ts';

export type EdgeEnd = NodeLink & { close(): void };

/** How long the answer to a command is awaited. Milliseconds. */
export type EdgeEndTimes = {
  /** An owner who cannot write gives up by itself after 10 s and one last try of up to 4 s: its own word is better than ours. */
  answerWithinMs: number;
  /** Commands that read or write a whole board take their time: as long as HTTP waits for them. */
  wholeBoardWithinMs: number;
};

export type EdgeEndDeps = { secret: string; log: { warn(facts: object, message: string): void }; times?: Partial<EdgeEndTimes> };

/** A link that carries nothing is cut after so long. Milliseconds. */
const idleMs = 30_000;
const wholeBoard: ReadonlySet<string> = new Set(['save', 'restore', 'importBoard']);

/** The edge's end: one link to each node that owns a room which somebody here wants, opened when it is first wanted. */
export function createEdgeEnd({ secret, log, times }: EdgeEndDeps): EdgeEnd {
  const { answerWithinMs, wholeBoardWithinMs }: EdgeEndTimes = { answerWithinMs: 15_000, wholeBoardWithinMs: 180_000, ...times };
  const links = new Map<string, Promise<Link>>();
  let isClosed = false;

  const linkTo = async (nodeUrl: string): Promise<Link> => {
    if (isClosed) throw unreachable(nodeUrl, 'this process is stopping');
    let link = links.get(nodeUrl);
    if (!link) {
      const forget = (): void => { if (links.get(nodeUrl) === made) links.delete(nodeUrl); };
      const made = dial(nodeUrl, secret).then((socket) => createLink(socket, forget, log));
      made.catch(forget);
      links.set(nodeUrl, (link = made));
    }
    return link.catch((error: unknown) => { throw unreachable(nodeUrl, error instanceof Error ? error.message : String(error)); });
  };

  return {
    open: async (nodeUrl, roomId, edge) => (await linkTo(nodeUrl)).open(roomId, edge),
    execute: async (nodeUrl, roomId, command, context, options = {}) =>
      (await linkTo(nodeUrl)).call<RoomCommandAnswer>(
        (call) => ['execute', call, roomId, command, context, options],
        (why) => new EventStoreError('unknownOutcome', why === 'lost' ? 'the owner of the room was lost before it answered' : 'the owner of the room does not answer'),
        wholeBoard.has(command.name) ? wholeBoardWithinMs : answerWithinMs,
      ),
    close() {
      isClosed = true;
      for (const link of links.values()) void link.then((one) => one.cut(), () => undefined);
    },
  };
}

const unreachable = (nodeUrl: string, why: string) => new DomainError('roomUnavailable', `the node that owns this room cannot be reached: ${why}`, { node: nodeUrl });

type Waiting = { resolve: (answer: never) => void; reject: (error: Error) => void; unanswered: (why: 'lost' | 'late') => Error; late?: NodeJS.Timeout };
type Link = {
  open(roomId: string, edge: EdgeSide): Promise<OwnerSide>;
  /** @param unanswered what it means when no answer comes, or none within `withinMs`; what comes after that is nobody's */
  call<Answer>(message: (call: number) => FromEdge, unanswered: Waiting['unanswered'], withinMs?: number): Promise<Answer>;
  cut(): void;
};

function createLink(socket: WebSocket, forget: () => void, log: EdgeEndDeps['log']): Link {
  const rooms = new Map<number, EdgeSide>();
  const opening = new Map<number, Waiting>();
  const calls = new Map<number, Waiting>();
  const linkLost = () => new DomainError('roomUnavailable', 'the link to the owner of this room was lost');
  let last = 0;
  let usedAt = performance.now();
  let isOver = false;

  const send = (message: FromEdge): void => {
    usedAt = performance.now();
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    forget();
    stopWatching();
    clearInterval(idle);
    for (const { reject, unanswered, late } of [...opening.values(), ...calls.values()]) {
      clearTimeout(late);
      reject(unanswered('lost'));
    }
    opening.clear();
    calls.clear();
    for (const edge of [...rooms.values()]) edge.lost();
    rooms.clear();
  };
  const settle = (waiting: Map<number, Waiting>, key: number, how: (one: Waiting) => void): void => {
    const one = waiting.get(key);
    waiting.delete(key);
    clearTimeout(one?.late);
    if (one) how(one);
  };

  const taken = (message: FromOwner): void => {
    switch (message[0]) {
      case 'opened': return settle(opening, message[1], ({ resolve }) => resolve(undefined as never));
      case 'notOpened': return settle(opening, message[1], ({ reject }) => reject(errorThatCame(message[2])));
      case 'attached':
      case 'done': return settle(calls, message[1], ({ resolve }) => resolve(message[2] as never));
      case 'failed': return settle(calls, message[1], ({ reject }) => reject(errorThatCame(message[2])));
      case 'toOne': return rooms.get(message[1])?.toOne(message[2], message[3], message[4]);
      case 'toAll': return rooms.get(message[1])?.toAll(message[2]);
      case 'shut': return rooms.get(message[1])?.close(message[2], message[3], message[4] ?? undefined);
      case 'hold': return rooms.get(message[1])?.holdReading(message[2]);
      case 'lost': {
        const edge = rooms.get(message[1]);
        rooms.delete(message[1]);
        edge?.lost();
      }
    }
  };

  /**
   * What follows an answer may be about it (a broadcast to a socket that has just been attached): it waits until whoever waited for the answer
   * has gone on, as it would between two calls in one process.
   */
  const inbox: Buffer[] = [];
  let isWaiting = false;
  const work = (): void => {
    isWaiting = false;
    for (let data = inbox.shift(); data !== undefined; data = inbox.shift()) {
      let message: FromOwner;
      try {
        message = JSON.parse(data.toString('utf8')) as FromOwner;
        taken(message);
      } catch (error) {
        log.warn({ err: error }, 'a node said what this one does not understand');
        return socket.terminate();
      }
      if (message[0] === 'attached' || message[0] === 'opened') {
        isWaiting = true;
        setImmediate(work);
        return;
      }
    }
  };
  socket.on('message', (data: Buffer) => {
    inbox.push(data);
    if (!isWaiting) work();
  });
  socket.on('error', () => undefined);
  socket.once('close', end);
  const stopWatching = watchLink(socket);
  const idle = setInterval(() => {
    if (rooms.size === 0 && calls.size === 0 && opening.size === 0 && performance.now() - usedAt > idleMs) socket.close();
  }, idleMs / 2);
  idle.unref();

  const call: Link['call'] = (message, unanswered, withinMs) => new Promise((resolve, reject) => {
    if (isOver || socket.readyState !== socket.OPEN) return reject(linkLost()); // nothing was sent
    const number = ++last;
    const late = withinMs === undefined ? undefined : setTimeout(() => settle(calls, number, (one) => one.reject(unanswered('late'))), withinMs);
    calls.set(number, { resolve, reject, unanswered, ...(late && { late }) });
    send(message(number));
  });

  return {
    call,
    cut: () => socket.terminate(),
    async open(roomId, edge) {
      if (isOver || socket.readyState !== socket.OPEN) throw linkLost();
      const room = ++last;
      rooms.set(room, edge);
      try {
        await new Promise<void>((resolve, reject) => {
          opening.set(room, { resolve, reject, unanswered: linkLost });
          send(['open', room, roomId]);
        });
      } catch (error) {
        rooms.delete(room);
        throw error;
      }
      return {
        attach: (connection, hello) => call<Attached | Refused>((number) => ['attach', room, number, connection, hello ?? null], linkLost),
        receive: (connectionId, message, bytes) => send(['receive', room, connectionId, message, bytes]),
        detach: (connectionId) => send(['detach', room, connectionId]),
        close() {
          rooms.delete(room);
          send(['close', room]);
        },
      };
    },
  };
}
