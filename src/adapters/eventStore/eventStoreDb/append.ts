import { EventStoreError, type AppendOutcome, type RecordedEvent } from '../../../ports/eventStore.ts';
import type { PreparedAppend } from './appendRequest.ts';
import type { Attempt } from './appendCall.ts';
import { sleep } from './sleep.ts';

export type AppendTimes = {
  /** Milliseconds until an attempt without an answer is given up. The server itself gives up a write after 2,000. */
  attemptMs: number;
  /** Milliseconds in all, repeats included. */
  totalMs: number;
};

type Deps = {
  attempt(append: PreparedAppend, deadlineMs: number): Promise<Attempt>;
  readStream(stream: string, options: { from: number; limit: number }): Promise<RecordedEvent[]>;
  times: AppendTimes;
};

/**
 * Appends, and finds out what became of it. An attempt of unknown outcome is repeated with the same ids and the same
 * expected revision: the server recognises an append by stream, expected revision and ids, and answers as the first time. When
 * the repeat is told of a conflict, the stream is searched for the ids before that is believed. Nothing is ever re-decided here.
 * @throws EventStoreError `unavailable`, `unknownOutcome`, `tooLarge`, `invalid`, `streamDeleted`
 */
export async function appendSurely({ attempt, readStream, times }: Deps, append: PreparedAppend): Promise<AppendOutcome> {
  const giveUpAt = Date.now() + times.totalMs;
  // An attempt that is cut short says less than none: it makes "unknown" of what was never sent.
  const leastAttempt = Math.min(times.attemptMs, times.totalMs / 4);
  let mayBeWritten = false;
  for (let round = 0; ; round += 1) {
    const result = await attempt(append, Math.min(times.attemptMs, giveUpAt - Date.now()));
    switch (result.kind) {
      case 'appended': {
        const { revision } = result;
        const position = result.position ?? (await readStream(append.stream, { from: revision, limit: 1 }))[0]?.position;
        if (position !== undefined) return { outcome: 'appended', revision, position };
        mayBeWritten = true; // deleted since, or a reader that lags: ask again
        break;
      }
      case 'conflict': {
        // At `noStream` the server does not recognise the repeat when the stream had been deleted before; else it does, at any time.
        if (mayBeWritten || append.expectedRevision === 'noStream') {
          const written = await find(readStream, append);
          if (written) return written;
        }
        return { outcome: 'conflict', actualRevision: result.actualRevision };
      }
      case 'refused':
        throw new EventStoreError(mayBeWritten ? 'unknownOutcome' : result.code, result.message);
      case 'unknown':
        mayBeWritten = true;
        break;
      case 'notSent':
        break;
    }
    // Full jitter: 50, 100, 200 … 1,600 ms at most.
    const pause = Math.random() * 50 * 2 ** Math.min(round, 5);
    if (Date.now() + pause + leastAttempt >= giveUpAt) {
      const why = 'message' in result ? result.message : 'the events are not there';
      throw mayBeWritten
        ? new EventStoreError('unknownOutcome', `It is not known whether the append was written: ${why}`)
        : new EventStoreError('unavailable', `The event log did not take the append: ${why}`);
    }
    await sleep(pause);
  }
}

/**
 * At an exact revision the events can only stand right after it. At `noStream` they are the first that can be read (of a
 * stream that was deleted and came back, revisions go on).
 */
async function find(readStream: Deps['readStream'], { stream, ids, expectedRevision }: PreparedAppend): Promise<AppendOutcome | undefined> {
  const from = expectedRevision === 'noStream' ? 0 : expectedRevision + 1;
  let found: RecordedEvent[];
  try {
    found = await readStream(stream, { from, limit: ids.length });
  } catch (error) {
    throw new EventStoreError('unknownOutcome', 'It is not known whether the append was written: the stream cannot be searched for it.', { cause: error });
  }
  const last = found.at(-1);
  const isThisAppend = found.length === ids.length && found.every(({ id }, i) => id.toLowerCase() === ids[i]?.toLowerCase());
  return last && isThisAppend ? { outcome: 'appended', revision: last.revision, position: last.position } : undefined;
}
