import type { EventLog } from '../../eventLog/eventLog.ts';
import { START, type Position } from '../../ports/eventStore.ts';
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
/** Of more, every second one is kept: then a read model is behind for hours, and half a second does not matter. */
const mostHeads = 2_000;

type SeenHead = { head: Position; firstAt: number; lastAt: number };

function remember(heads: SeenHead[], head: Position, at: number): void {
  const last = heads.at(-1);
  if (last?.head === head) last.lastAt = at;
  else heads.push({ head, firstAt: at, lastAt: at });
  if (heads.length > mostHeads) heads.splice(0, heads.length, ...heads.filter((_, i) => i % 2 === 0));
}

export function createHeadWatch(log: EventLog, snapshot: Snapshot, names: readonly string[], metrics: EngineMetrics | undefined): HeadWatch {
  /** Heads that were seen and that not everybody has reached; the first is one that everybody has, if there is any. */
  const heads: SeenHead[] = [];
  const atHeadAt = new Map<string, number>();
  const behindSince = new Map<string, number>();
  const knock = createKnock();
  const begun = performance.now();
  let stopped = false;
  let failure: string | undefined;

  /**
   * Positions are compared with heads that are older than they are: who stands there was at the head at that moment. With older ones
   * too, for on a log that always grows nobody is ever seen at the newest.
   */
  async function look(): Promise<void> {
    const at = performance.now();
    remember(heads, await log.head(), at);
    for (const name of names) {
      const serving = snapshot.serving(name);
      const reached = heads.findLast(({ head }) => serving && serving.position >= head);
      const missing = heads.find(({ head }) => !serving || serving.position < head);
      if (reached) atHeadAt.set(name, reached.lastAt);
      if (missing) behindSince.set(name, missing.firstAt);
      else behindSince.delete(name);
      metrics?.lagSeconds.set({ readModel: name }, watch.behindMs(name) / 1_000);
      metrics?.paused.set({ readModel: name }, serving?.paused ? 1 : 0);
    }
    const least = names.map((name) => snapshot.serving(name)?.position ?? START).reduce((a, b) => (a < b ? a : b), heads.at(-1)?.head ?? START);
    heads.splice(0, Math.max(0, heads.findLastIndex(({ head }) => head <= least)));
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
