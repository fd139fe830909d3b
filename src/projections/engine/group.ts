import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Decoded } from '../../eventLog/recorded.ts';
import type { Position } from '../../ports/eventStore.ts';
import { feed, type Fed, type Feed, type Member } from './feed.ts';
import { prefetch } from './prefetch.ts';

/**
 * Members that one reader feeds: the log is read once and decoded once for all of them. It starts at the member that is
 * furthest back; the others let pass what they have. They move in step, each in a transaction of its own, so that what stops
 * one (a poison event, a lost lease, an error) takes only that one out of the group.
 */
export type Group = {
  readonly members: ReadonlySet<Member>;
  /** Whether its members have reached the head since it began. */
  readonly caughtUp: boolean;
  /** Finishes the batch in flight. */
  stop(): Promise<void>;
};

export type GroupEvents = {
  /** This member leaves the group: why, and the error if there was one. */
  onLeft(member: Member, why: Exclude<Fed, 'advanced'> | 'failed', error?: unknown): void;
  /** After a batch that reached the head. The next batch waits for it. */
  onCaughtUp(members: readonly Member[]): Promise<void>;
  /** The reader ended: by stop(), for want of members, or by an error. */
  onEnded(group: Group, error?: unknown): void;
};

export type GroupOptions = { maxBatch: number; readAhead: number };

export function startGroup(log: EventLog, context: Feed, startWith: readonly Member[], events: GroupEvents, options: GroupOptions): Group {
  const members = new Set(startWith);
  const stopped = new AbortController();
  let caughtUp = false;

  const leave = (member: Member, why: Exclude<Fed, 'advanced'> | 'failed', error?: unknown) => {
    members.delete(member);
    events.onLeft(member, why, error);
  };

  async function run(): Promise<void> {
    const after = startWith.map((member) => member.position).reduce((least, position) => (position < least ? position : least));
    const source = log.subscribeAll({ after, signal: stopped.signal, maxBatch: options.maxBatch });
    const batches = prefetch(source, options.readAhead);
    try {
      for (;;) {
        const next = await batches.next();
        if (next.done === true || stopped.signal.aborted) return;
        const batch = next.value;
        await Promise.all([...members].map((member) => feedOne(member, batch)));
        if (batch.caughtUp && members.size > 0) {
          caughtUp = true;
          await events.onCaughtUp([...members]);
        }
        if (members.size === 0) return;
      }
    } finally {
      stopped.abort(); // first: returning waits for the reads in flight, and those end only by the signal
      await batches.return();
    }
  }

  async function feedOne(member: Member, batch: { events: readonly Decoded[]; position: Position }): Promise<void> {
    try {
      const fed = await feed(context, member, batch.events, batch.position);
      if (fed !== 'advanced') leave(member, fed);
    } catch (error) {
      leave(member, 'failed', error);
    }
  }

  const group: Group = {
    members,
    get caughtUp() { return caughtUp; },
    async stop() {
      stopped.abort();
      await done;
    },
  };
  // Begins in a later turn, so that whoever started it holds the group before anything is heard of it.
  const done = Promise.resolve().then(run).then(() => events.onEnded(group), (error: unknown) => events.onEnded(group, error));
  return group;
}
