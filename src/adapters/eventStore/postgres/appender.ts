import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreError, type AppendOutcome } from '../../../ports/eventStore.ts';
import { classifyPostgresError } from '../../postgres/postgresError.ts';
import { appendChecked } from './appendChecked.ts';
import { appendFenced } from './appendFenced.ts';
import { createAppendQueue } from './appendQueue.ts';
import type { OwnWrite } from './ownWrites.ts';
import type { PendingAppend } from './pendingAppend.ts';
import { toPosition } from './position.ts';
import { selectHead } from './readEvents.ts';
import { createStreamHeads } from './streamHeads.ts';
import type { Writer } from './writer.ts';

/**
 * Group commit. One batch is in flight per process; what arrives meanwhile is the next one, so an idle append waits for
 * nothing and a busy log pays one commit for many.
 *
 * A batch goes one of two ways:
 *   fenced   we know the head of the log (`base`): one statement that writes only if the log still ends there;
 *   checked  we do not, or an append is wrong by what we know, or the fence was shut: the function that judges under the lock.
 * Its answer tells the head of the log. If nobody else wrote since our last batch, the next one goes fenced again; as long as
 * others write in between, batches stay checked and no fence is tried in vain.
 *
 * When the connection breaks, the batch goes again, checked, until it is answered: what an earlier try had written is recognised by
 * its ids. Deadlines: an append that was never sent is `unavailable` after `unsentMs`, one that was sent is `unknownOutcome`
 * after `sentMs`.
 */
export type Appender = {
  append(append: Omit<PendingAppend, 'since' | 'sent' | 'resolve' | 'reject'>): Promise<AppendOutcome>;
  /** Resolves when every append is answered; new ones are `unavailable`. */
  close(): Promise<void>;
};

export type BatchReport = { appends: number; events: number; way: 'fenced' | 'checked'; ms: number };

export type AppenderLimits = {
  /** Appends in a batch. */
  batchAppends: number;
  batchBytes: number;
  /** Appends that wait, and their bytes, before new ones are turned away. */
  queuedAppends: number;
  queuedBytes: number;
  unsentMs: number;
  sentMs: number;
};

export const defaultLimits: AppenderLimits = {
  batchAppends: 512, batchBytes: 4_194_304, queuedAppends: 10_000, queuedBytes: 67_108_864, unsentMs: 1_500, sentMs: 5_000,
};

export function createAppender(
  writer: Writer,
  limits: AppenderLimits,
  on: { written(write: OwnWrite): void; batch(report: BatchReport): void },
): Appender {
  const queue = createAppendQueue();
  const heads = createStreamHeads();
  /** Where the log ends; undefined: unknown, or others write too. */
  let base: bigint | undefined;
  /** Where the log ended after our last batch. */
  let lastSeen: bigint | undefined;
  let closed = false;

  /** Connects before anybody waits for it, and learns where the log ends, so that the very first batch can go fenced. */
  const begin = async () => {
    try {
      const { rows: [row] } = await writer.rows<{ position: string }>({ text: selectHead });
      if (row) base = lastSeen = BigInt(row.position);
    } catch {
      // The first batch will tell.
    }
    await run();
  };

  const answer = (append: PendingAppend, outcome: AppendOutcome | EventStoreError) => {
    queue.settled(append);
    if (outcome instanceof EventStoreError) append.reject(outcome);
    else append.resolve(outcome);
  };

  const run = async () => {
    // Whoever was answered by the last batch and appends again at once, or arrived in the same turn of the event loop, comes along.
    for (; ;) {
      await new Promise(setImmediate);
      const batch = queue.next(limits.batchAppends, limits.batchBytes);
      if (batch.length === 0) break;
      await settle(batch);
    }
    running = undefined;
  };

  /** Answers every append of the batch. Never throws. */
  const settle = async (batch: PendingAppend[]): Promise<void> => {
    for (let left = batch, pause = 20; left.length > 0; pause = Math.min(pause * 2, 250)) {
      const sentBefore = new Set(left.filter(({ sent }) => sent));
      try {
        await write(left);
        return;
      } catch (error) {
        // Whatever comes back may be an older state of the log (a restored backup): nothing known before counts.
        base = undefined;
        heads.forget();
        switch (classifyPostgresError(error)) {
          case 'lost':
          case 'timeout':
            break;
          case 'unreachable':
          case 'conflict':
          case 'unique': // a race, too: who judges with a snapshot from before it had the lock (a stricter default isolation) did not see who wrote last
          case 'readOnly':
            // This try wrote nothing; an earlier one may have.
            for (const append of left) append.sent = sentBefore.has(append);
            break;
          case 'data':
          case 'constraint':
          case 'other':
            // One of them breaks the statement. Which one, and that the others are fine, shows one by one.
            if (left.length > 1) for (const append of left) await settle([append]);
            else for (const append of left) answer(append, new EventStoreError('invalid', `The log refuses this append to ${append.stream}.`, { cause: error }));
            return;
        }
        left = giveUpLate(left, error);
      }
      if (left.length > 0) await sleep(pause);
    }
  };

  const write = async (batch: PendingAppend[]): Promise<void> => {
    const started = performance.now();
    const fenced = base !== undefined && mayGoFenced(batch) && (await writeFenced(batch, base));
    if (!fenced) await writeChecked(batch);
    on.batch({ appends: batch.length, events: countEvents(batch), way: fenced ? 'fenced' : 'checked', ms: performance.now() - started });
  };

  /** What we know to be wrong, and what may be a repeat, needs the checked way. */
  const mayGoFenced = (batch: readonly PendingAppend[]) =>
    batch.every((append) => !append.sent && (heads.get(append.stream) ?? append.expected) === append.expected);

  const writeFenced = async (batch: PendingAppend[], from: bigint): Promise<boolean> => {
    const unknown = batch.filter(({ expected, stream }) => expected >= 0 && heads.get(stream) === undefined);
    for (const append of batch) append.sent = true;
    if (!(await appendFenced(writer, from, batch, unknown))) {
      for (const append of batch) append.sent = false;
      base = undefined;
      return false;
    }
    let place = from;
    base = lastSeen = from + BigInt(countEvents(batch));
    for (const append of batch) heads.set(append.stream, append.expected + append.events.length);
    on.written({ from, to: base, types: typesOf(batch) });
    for (const append of batch) {
      place += BigInt(append.events.length);
      answer(append, { outcome: 'appended', revision: append.expected + append.events.length, position: toPosition(String(place)) });
    }
    return true;
  };

  const writeChecked = async (batch: PendingAppend[]): Promise<void> => {
    for (const append of batch) append.sent = true;
    const { judged, headBefore, headAfter } = await appendChecked(writer, batch);
    // Alone again, or for the first time: from here on we see everything that is written.
    base = headBefore === lastSeen || lastSeen === undefined ? headAfter : undefined;
    lastSeen = headAfter;
    if (headAfter !== headBefore) on.written({ from: headBefore, to: headAfter, types: typesOf(batch) });
    batch.forEach((append, index) => {
      const { outcome, head } = judged[index] ?? {};
      if (head !== undefined) heads.set(append.stream, head);
      answer(append, outcome ?? new EventStoreError('unknownOutcome', 'The log gave no answer.'));
    });
  };

  /** Rejects those whose time is over, also in the queue. @returns the others of the batch. */
  const giveUpLate = (batch: PendingAppend[], cause: unknown): PendingAppend[] => {
    const now = performance.now();
    const isLate = ({ sent, since }: PendingAppend) => now - since > (sent ? limits.sentMs : limits.unsentMs);
    for (const append of batch.filter(isLate)) answer(append, append.sent ? unknownOutcome(cause) : unavailable(cause));
    for (const append of queue.remove(isLate)) append.reject(unavailable(cause));
    return batch.filter((append) => !isLate(append));
  };

  let running: Promise<void> | undefined = begin();

  return {
    append: (asked) =>
      new Promise((resolve, reject) => {
        if (closed || queue.size() >= limits.queuedAppends || queue.bytes() + asked.bytes > limits.queuedBytes) {
          reject(closed ? unavailable(new Error('The event store is closed.')) : unavailable(new Error('Too many appends wait.')));
          return;
        }
        queue.push({ ...asked, since: performance.now(), sent: false, resolve, reject });
        running ??= run();
      }),
    async close() {
      closed = true;
      await running;
      writer.close();
    },
  };
}

function countEvents(batch: readonly PendingAppend[]): number {
  return batch.reduce((sum, { events }) => sum + events.length, 0);
}

/** Of all that was asked for, also where not all of it was written. The same set for the same single type, as almost every batch has. */
function typesOf(batch: readonly PendingAppend[]): ReadonlySet<string> {
  const first = batch[0]?.events[0]?.type ?? '';
  if (!batch.every(({ events }) => events.every(({ type }) => type === first))) return new Set(batch.flatMap(({ events }) => events.map(({ type }) => type)));
  let alone = single.get(first);
  if (!alone) single.set(first, (alone = new Set([first])));
  return alone;
}
const single = new Map<string, ReadonlySet<string>>();

function unavailable(cause: unknown): EventStoreError {
  return new EventStoreError('unavailable', 'The event log is not available; nothing was written.', { cause });
}

function unknownOutcome(cause: unknown): EventStoreError {
  return new EventStoreError('unknownOutcome', 'The event log went away before it answered; the append may have been written.', { cause });
}
