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
  const claim = await store.claim(request.keyId, request.fingerprint, owner);
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
    const settled = isKept(answer.status)
      ? store.keep(request.keyId, owner, request.secretAnswer && answer.status < 300 ? { ...answer, headers: {}, body: null } : { ...answer, body: answer.body ?? '' })
      : store.release(request.keyId, owner);
    await settled.catch(lost);
    return { answer, replayed: false };
  } finally {
    clearInterval(renewal);
  }
}
