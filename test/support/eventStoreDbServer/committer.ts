import type { Expected, Proposed, StoredRecord, TransactionLog, Verdict } from './transactionLog.ts';

export type Write = {
  stream: string;
  expected: Expected;
  events: Proposed[];
  isCancelled(): boolean;
  done(verdict: Verdict): void;
  timedOut(): void;
};

export type Committer = ReturnType<typeof createCommitter>;

/** The server's --write-timeout-ms. */
const writeTimeoutMs = 2_000;

/**
 * Writes are judged and placed one after the other, and committed together, a moment later (the flush to disk). `hold` keeps
 * them from being committed: so a repeat finds its original uncommitted, and gets no answer but the time-out.
 */
export function createCommitter(log: TransactionLog, published: (records: StoredRecord[]) => unknown) {
  let waiting: (() => void)[] = [];
  let scheduled = false;
  let held = false;
  const timers = new Set<NodeJS.Timeout>();

  const flush = () => {
    scheduled = false;
    if (held) return;
    const fresh = log.commit();
    const answers = waiting;
    waiting = [];
    published(fresh);
    for (const answer of answers) answer();
  };
  const schedule = () => {
    if (scheduled || held) return;
    scheduled = true;
    setImmediate(flush);
  };

  return {
    submit(write: Write) {
      if (write.isCancelled()) return;
      const verdict = log.write(write.stream, write.expected, write.events);
      const isOpen = verdict.kind === 'ok' || verdict.kind === 'idempotentNotReady';
      if (!isOpen) return write.done(verdict);
      const timer = setTimeout(() => {
        timers.delete(timer);
        waiting = waiting.filter((other) => other !== answer);
        write.timedOut();
      }, writeTimeoutMs);
      timers.add(timer);
      const answer = () => {
        clearTimeout(timer);
        timers.delete(timer);
        write.done(verdict);
      };
      if (verdict.kind === 'ok') {
        waiting.push(answer);
        schedule();
      }
    },
    remove(stream: string, expected: Expected, how: 'soft' | 'tombstone'): Verdict {
      const verdict = log.remove(stream, expected, how);
      schedule();
      return verdict;
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      schedule();
    },
    /** What was not committed is gone, and so are those who waited for it. */
    crash() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      waiting = [];
      held = false;
      log.crash();
    },
  };
}
