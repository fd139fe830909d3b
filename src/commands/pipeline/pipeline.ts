import type { Aggregate } from '../../domain/kernel/decider.ts';
import type { EventOf, EventTypes } from '../../domain/kernel/eventType.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Position } from '../../ports/eventStore.ts';
import type { CommandContext } from './context.ts';
import type { Executed } from './executed.ts';
import { createLiveStreams } from './liveStreams.ts';
import { runCommands } from './runCommands.ts';

export type { Executed } from './executed.ts';

export type ExecuteOptions = {
  /** Names this step of a use case that touches a stream more than once: a step never passes for its own compensation. Default ''. */
  step?: string;
  /** The revision that the caller saw. @throws DomainError `staleRevision` when the stream has another */
  ifMatch?: number;
  /** The stream's id was made for this command, so there is hardly anything to read: append first, and look only if that conflicts. */
  presumedNew?: boolean;
};

export type Pipeline = {
  /**
   * Load, decide, append at the revision that was decided on; on conflict re-read and re-decide. Commands that wait for the same
   * stream are decided one after the other and appended together. A refusal (and a "nothing to do") counts only once it is
   * known that nothing newer is in the stream.
   * @throws DomainError the refusal · EventStoreError when the log is away, or the outcome stays unknown (repeat with `mayBeRepeat`)
   */
  execute<State, Command, Types extends EventTypes>(
    aggregate: Aggregate<State, Command, Types>, id: string, command: Command, context: CommandContext, options?: ExecuteOptions,
  ): Promise<Executed<State, EventOf<Types>>>;
  /** The state as last seen, or (`fresh`) as of the stream's head now. An unknown stream has the initial state and revision -1. */
  load<State, Command, Types extends EventTypes>(
    aggregate: Aggregate<State, Command, Types>, id: string, options?: { fresh?: boolean },
  ): Promise<{ state: State; revision: number; position: Position }>;
  /** What is in memory, at once, maybe stale. */
  peek<State, Command, Types extends EventTypes>(aggregate: Aggregate<State, Command, Types>, id: string): { state: State; revision: number } | undefined;
  /** Calls back whenever a state of this aggregate in memory changes. */
  onState<State, Command, Types extends EventTypes>(aggregate: Aggregate<State, Command, Types>, listener: (id: string, state: State, revision: number) => void): void;
};

export type PipelineOptions = {
  /** Streams kept in memory, per category. Default 20,000. */
  cachedStreams?: number;
  /** Attempts before a stream that others keep writing to is given up as `contended`. Default 20. */
  maxAttempts?: number;
};

export function createPipeline(log: EventLog, clock: Clock, options: PipelineOptions = {}): Pipeline {
  const streams = createLiveStreams(log, options.cachedStreams ?? 20_000);
  const maxAttempts = options.maxAttempts ?? 20;

  return {
    execute(aggregate, id, command, context, more = {}) {
      const live = streams.of(aggregate, id);
      return new Promise((resolve, reject) => {
        live.waiting.push({ command, context, step: more.step ?? '', ifMatch: more.ifMatch, presumedNew: more.presumedNew ?? false, resolve, reject });
        if (live.running) return;
        live.running = true;
        void runCommands({ log, clock, aggregate, live, maxAttempts });
      });
    },

    async load(aggregate, id, { fresh = false } = {}) {
      const live = streams.of(aggregate, id);
      await (fresh ? live.catchUp() : live.load());
      return { state: live.state, revision: live.revision, position: live.position };
    },

    peek(aggregate, id) {
      const live = streams.peek(aggregate, id);
      return live?.loaded ? { state: live.state, revision: live.revision } : undefined;
    },

    onState: (aggregate, listener) => streams.listen(aggregate, listener),
  };
}
