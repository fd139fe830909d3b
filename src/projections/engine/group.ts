import type { EventLog } from '../../eventLog/eventLog.ts';
import { createNowAndThen } from '../../eventLog/nowAndThen.ts';
import { concerns, feed, type Fed, type Feed, letPass, type Member, storePosition } from './feed.ts';
import { prefetch } from './prefetch.ts';

/**
 * Members that one reader feeds: the log is read once and decoded once for all of them. It starts at the member that is
 * furthest back; the others let pass what they have. They move in step, each in a transaction of its own, so that what stops
 * one (a poison event, a lost lease, an error) takes only that one out of the group.
 *
 * Of the log only the types that somebody here wants are read. Where none of a member's comes, the member goes on in memory at
 * once, and its checkpoint is stored now and then, when the reader first reaches the head, and at the end.
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

export type GroupOptions = { maxBatch: number; readAhead: number; storeEveryMs: number };

export function startGroup(log: EventLog, context: Feed, startWith: readonly Member[], events: GroupEvents, options: GroupOptions): Group {
  const members = new Set(startWith);
  const stopped = new AbortController();
  let caughtUp = false;

  const leave = (member: Member, why: Exclude<Fed, 'advanced'> | 'failed', error?: unknown) => {
    members.delete(member);
    if (members.size === 0) stopped.abort();
    events.onLeft(member, why, error);
  };

  const checkpoints = createNowAndThen(options.storeEveryMs, async () => {
    for (const member of members) await attempt(member, () => storePosition(context, member));
  });

  async function run(): Promise<void> {
    const after = startWith.map((member) => member.position).reduce((least, position) => (position < least ? position : least));
    const source = log.subscribeAll({ after, ...typesOf(startWith), signal: stopped.signal, maxBatch: options.maxBatch });
    const batches = prefetch(source, options.readAhead);
    try {
      for (;;) {
        const next = await batches.next();
        if (next.done === true || stopped.signal.aborted) return;
        const batch = next.value;
        const concerned = [...members].filter((member) => concerns(member, batch.events));
        // Two writes of one checkpoint would take each other for another owner's.
        if (concerned.length > 0) await checkpoints.pause();
        await Promise.all(concerned.map((member) => attempt(member, () => feed(context, member, batch.events, batch.position))));
        for (const member of members) letPass(context, member, batch.position);
        if ([...members].some((member) => member.position > member.stored)) checkpoints.soon();
        if (batch.caughtUp && members.size > 0) {
          if (!caughtUp) await checkpoints.now(); // whether a rebuild may take over is judged by what is stored
          caughtUp = true;
          await events.onCaughtUp([...members]);
        }
        if (members.size === 0) return;
      }
    } finally {
      stopped.abort(); // first: returning waits for the reads in flight, and those end only by the signal
      await batches.return();
      await checkpoints.now();
    }
  }

  async function attempt(member: Member, work: () => Promise<Fed>): Promise<void> {
    try {
      const fed = await work();
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

/** One member that wants every event makes the group read them all. */
function typesOf(members: readonly Member[]): { types?: readonly string[] } {
  const types = new Set<string>();
  for (const member of members) {
    if (!member.types) return {};
    for (const type of member.types) types.add(type);
  }
  return { types: [...types] };
}
