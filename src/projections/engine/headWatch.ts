import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Position } from '../../ports/eventStore.ts';
import type { EngineMetrics } from './engineOptions.ts';
import { createKnock } from './knock.ts';
import type { Snapshot } from './snapshot.ts';

/** How far behind the log the read models are, in time: positions cannot be subtracted. */
export type HeadWatch = {
  run(): Promise<void>;
  stop(): void;
  /** Milliseconds since the serving generation was last seen at the head; 0 when it was there at the last look. */
  behindMs(name: string): number;
  /** As `behindMs`, but grows too while the head cannot be asked for. */
  staleMs(name: string): number;
  /** Why the head is not known at present. */
  error(): string | undefined;
};

const everyMs = 500;

export function createHeadWatch(log: EventLog, snapshot: Snapshot, names: readonly string[], metrics: EngineMetrics | undefined): HeadWatch {
  const atHeadAt = new Map<string, number>();
  const behindSince = new Map<string, number>();
  const knock = createKnock();
  const begun = performance.now();
  let stopped = false;
  let failure: string | undefined;

  /** Positions are compared with a head that is older than they are: who stands there was at the head at that moment. */
  async function look(): Promise<void> {
    const at = performance.now();
    const head: Position = await log.head();
    for (const name of names) {
      const serving = snapshot.serving(name);
      if (serving && serving.position >= head) {
        atHeadAt.set(name, at);
        behindSince.delete(name);
      } else if (!behindSince.has(name)) behindSince.set(name, at);
      metrics?.lagSeconds.set({ readModel: name }, watch.behindMs(name) / 1_000);
      metrics?.paused.set({ readModel: name }, serving?.paused ? 1 : 0);
    }
  }

  const watch: HeadWatch = {
    async run() {
      while (!stopped) {
        try {
          await look();
          failure = undefined;
        } catch (error) {
          failure = error instanceof Error ? error.message : String(error);
        }
        await knock.heardWithin(everyMs);
      }
    },
    stop() {
      stopped = true;
      knock.knock();
    },
    behindMs(name) {
      const since = behindSince.get(name);
      return since === undefined ? 0 : Math.max(1, performance.now() - since);
    },
    staleMs(name) {
      const age = performance.now() - (atHeadAt.get(name) ?? begun);
      return age < 2 * everyMs ? 0 : age; // one look may be under way
    },
    error: () => failure,
  };
  return watch;
}
