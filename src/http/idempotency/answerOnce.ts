import { randomUUID } from 'node:crypto';
import { HttpProblem } from '../problems.ts';
import type { IdempotencyStore, StoredAnswer } from './store.ts';

/** Well inside the lease of 15 s. */
const renewEveryMs = 5_000;

/** Refusals that say something about the caller or about now, not about the command, are not an answer to keep. */
const isKept = (status: number): boolean => status < 500 && ![400, 401, 403, 408, 413, 415, 429].includes(status);

/**
 * Runs a keyed command once: whoever comes again gets the first answer.
 * @param run gets whether this may be a repeat; its answer is never an exception
 * @throws HttpProblem `keyInProgress`, `keyReused`
 */
export async function answerOnce(
  store: IdempotencyStore,
  request: { keyId: string; fingerprint: Buffer; secretAnswer: boolean },
  run: (repeat: boolean) => Promise<StoredAnswer>,
  lost: (error: unknown) => void,
): Promise<{ answer: StoredAnswer; replayed: boolean }> {
  const owner = randomUUID();
  const release = (): Promise<void> => store.release(request.keyId, owner);
  const claim = await store.claim(request.keyId, request.fingerprint, owner).catch((error: unknown) => {
    // It may have been ours all the same: nobody shall wait 15 s for an owner who does not know of it.
    void insist(release, lost);
    throw error;
  });
  switch (claim.kind) {
    case 'stored': return { answer: claim.answer, replayed: true };
    case 'running': throw new HttpProblem('keyInProgress', 'A request with this Idempotency-Key is still running.', { headers: { 'Retry-After': '1' } });
    case 'otherRequest': throw new HttpProblem('keyReused', 'This Idempotency-Key was used for another request.');
    case 'run': break;
  }
  const renewal = setInterval(() => void store.renew(request.keyId, owner).catch(lost), renewEveryMs);
  try {
    const answer = await run(claim.repeat);
    // The command is done whatever becomes of the row: without it a repeat meets the command's traces in the log.
    const kept = request.secretAnswer && answer.status < 300 ? { ...answer, headers: {}, body: null } : { ...answer, body: answer.body ?? '' };
    await insist(isKept(answer.status) ? () => store.keep(request.keyId, owner, kept) : release, lost);
    return { answer, replayed: false };
  } finally {
    clearInterval(renewal);
  }
}

const retryAfterMs = [50, 200, 800, 2_000, 5_000];

/** Waits for the first try only; when that fails, the others go on behind the caller's back, for about as long as the lease lasts. */
async function insist(write: () => Promise<void>, lost: (error: unknown) => void): Promise<void> {
  const again = (nth: number, error: unknown): void => {
    const delay = retryAfterMs[nth];
    if (delay === undefined) return lost(error);
    setTimeout(() => { write().catch((next: unknown) => again(nth + 1, next)); }, delay).unref();
  };
  await write().catch((error: unknown) => again(0, error));
}
