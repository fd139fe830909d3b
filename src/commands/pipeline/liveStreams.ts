import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import type { Aggregate } from '../../domain/kernel/decider.ts';
import type { EventOf, EventTypes } from '../../domain/kernel/eventType.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import { START, type Position } from '../../ports/eventStore.ts';
import type { CommandContext } from './context.ts';
import type { Executed } from './executed.ts';

/** A command in the queue of its stream. */
export type Waiting<State, Command, Event> = {
  command: Command;
  context: CommandContext;
  step: string;
  ifMatch: number | undefined;
  presumedNew: boolean;
  resolve(executed: Executed<State, Event>): void;
  reject(error: unknown): void;
};

/**
 * One stream in memory: its state at `revision`, and the commands that wait for it. The state only ever moves forward, one
 * revision at a time, so reads and appends may report the same events in any order.
 */
export type LiveStream<State, Command, Event> = {
  id: string;
  stream: string;
  state: State;
  /** -1: no event yet. */
  revision: number;
  position: Position;
  /** False until the stream was read once. */
  loaded: boolean;
  waiting: Waiting<State, Command, Event>[];
  running: boolean;
  /** Reads it, unless that was done before; who asks meanwhile waits for the same read. A thousand lessons of a cold import ask for the same accounts at once. */
  load(): Promise<void>;
  /** Reads what is newer than `revision`. @returns whether there was anything. @throws UnreadableStream, EventStoreError */
  catchUp(): Promise<boolean>;
  /** Moves to what an append made, unless a read was faster. */
  advance(state: State, revision: number, position: Position): void;
};

/** A stored event of this stream cannot be decoded: its state is not known, so nothing is decided on it. */
export class UnreadableStream extends Error {
  override readonly name = 'UnreadableStream';
}

const pageSize = 2_000;

type AnyLive = LiveStream<unknown, unknown, unknown>;
type Listener = (id: string, state: unknown, revision: number) => void;
type Category = { streams: LRUCache<string, AnyLive>; listeners: Listener[] };

export function createLiveStreams(log: EventLog, maxPerCategory: number) {
  const categories = new Map<string, Category>();

  const categoryOf = (name: string): Category => {
    let category = categories.get(name);
    if (!category) {
      category = { streams: new LRUCache(atMost(maxPerCategory)), listeners: [] };
      categories.set(name, category);
    }
    return category;
  };

  function open<State, Command, Types extends EventTypes>(
    aggregate: Aggregate<State, Command, Types>, id: string, listeners: readonly Listener[],
  ): LiveStream<State, Command, EventOf<Types>> {
    const { decider, events: types, category } = aggregate;
    let loading: Promise<boolean> | undefined;
    const live: LiveStream<State, Command, EventOf<Types>> = {
      id, stream: `${category}-${id}`, state: decider.initial, revision: -1, position: START, loaded: false, waiting: [], running: false,

      async load() {
        if (live.loaded) return;
        loading ??= live.catchUp().finally(() => {
          loading = undefined;
        });
        await loading;
      },

      async catchUp() {
        const before = live.revision;
        for (;;) {
          const page = await log.readStream(live.stream, { from: live.revision + 1, limit: pageSize });
          for (const decoded of page) {
            const { revision, position } = decoded.ok ? decoded.event : decoded.raw;
            if (revision !== live.revision + 1) continue; // an append of our own was faster
            if (decoded.ok && Object.hasOwn(types, decoded.event.type)) {
              live.state = decider.evolve(live.state, decoded.event as unknown as EventOf<Types>);
            } else if (!decoded.ok && decoded.reason === 'unreadable') {
              throw new UnreadableStream(`${live.stream} revision ${revision}: ${decoded.error}`);
            }
            live.revision = revision;
            live.position = position;
          }
          if (page.length < pageSize) break;
        }
        live.loaded = true;
        const moved = live.revision > before;
        if (moved) tell();
        return moved;
      },

      advance(state, revision, position) {
        if (revision <= live.revision) return;
        live.loaded = true;
        live.state = state;
        live.revision = revision;
        live.position = position;
        tell();
      },
    };
    const tell = () => {
      for (const listener of listeners) listener(live.id, live.state, live.revision);
    };
    return live;
  }

  return {
    of<State, Command, Types extends EventTypes>(aggregate: Aggregate<State, Command, Types>, id: string): LiveStream<State, Command, EventOf<Types>> {
      const { streams, listeners } = categoryOf(aggregate.category);
      let live = streams.get(id);
      if (!live) {
        live = open(aggregate, id, listeners) as unknown as AnyLive;
        streams.set(id, live);
      }
      return live as unknown as LiveStream<State, Command, EventOf<Types>>;
    },
    peek<State, Command, Types extends EventTypes>(aggregate: Aggregate<State, Command, Types>, id: string) {
      return categoryOf(aggregate.category).streams.get(id) as unknown as LiveStream<State, Command, EventOf<Types>> | undefined;
    },
    listen<State, Command, Types extends EventTypes>(aggregate: Aggregate<State, Command, Types>, listener: (id: string, state: State, revision: number) => void) {
      categoryOf(aggregate.category).listeners.push(listener as Listener);
    },
  };
}
