import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/*
 * How two nodes of one school know each other before there is a socket between them:
 *
 *   caller  GET /ws/nodes, Upgrade                                        ─▶
 *           ◀─  401, Lectern-Challenge: <nonce of the callee>                   (once, for 10 s)
 *   caller  the same with Lectern-Answer: <challenge>.<own nonce>.<HMAC>  ─▶
 *           ◀─  101, Lectern-Proof: <HMAC>                                      (the callee knows the secret, too)
 *
 * A challenge carries its own end and the callee's signature, so that whoever only asks for one leaves nothing behind: however many ask, from
 * however many addresses, no node is crowded out. Only answers that were proven are remembered, until their challenge ends: each counts once.
 * The secret itself never travels. Each side's HMAC says which side it is of, so that neither can be played back as the other's.
 */
export const nodePath = '/ws/nodes';
export const nodeProtocol = 'lectern.nodes.v1';

export type Handshake = {
  challenge(): string;
  /** The caller's answer, and what the callee's proof has to be. */
  answer(challenge: string): { header: string; expects: string };
  /** @returns the callee's proof; undefined when the answer is not to a challenge of ours, or not by somebody who knows the secret */
  prove(answer: string | undefined): string | undefined;
};

const goodForMs = 10_000;

/** What the nodes of one school share without being told: derived from the master key (RFC 5869), for this and nothing else. */
export const nodeSecretFrom = (masterKey: string): string => Buffer.from(hkdfSync('sha256', masterKey, '', 'lectern node link', 32)).toString('base64url');

export function createHandshake(secret: string, now: () => number = () => performance.now()): Handshake {
  /** Of this process alone: another's challenges, and those of before a restart, are none of ours. */
  const own = randomBytes(32);
  const answered = new Map<string, number>();
  const signed = (nonce: string, until: string): string => `${nonce}~${until}~${createHmac('sha256', own).update(`${nonce}~${until}`).digest('base64url')}`;
  /** When it ends; undefined: it is not of our making. */
  const endOf = (challenge: string): number | undefined => {
    const [nonce = '', until = ''] = challenge.split('~');
    return isSame(challenge, signed(nonce, until)) ? Number(until) : undefined;
  };
  const macOf = (side: 'caller' | 'callee', challenge: string, nonce: string): string => createHmac('sha256', secret).update(`${side}.${challenge}.${nonce}`).digest('base64url');
  return {
    challenge: () => signed(randomBytes(24).toString('base64url'), String(Math.floor(now() + goodForMs))),
    answer(challenge) {
      const nonce = randomBytes(24).toString('base64url');
      return { header: `${challenge}.${nonce}.${macOf('caller', challenge, nonce)}`, expects: macOf('callee', challenge, nonce) };
    },
    prove(answer) {
      const [challenge = '', nonce = '', mac = ''] = answer?.split('.') ?? [];
      const until = endOf(challenge);
      if (until === undefined || until < now() || answered.has(challenge) || !isSame(mac, macOf('caller', challenge, nonce))) return undefined;
      for (const [earlier, end] of answered) if (end < now()) answered.delete(earlier);
      answered.set(challenge, until);
      return macOf('callee', challenge, nonce);
    },
  };
}

/** In constant time for texts of the same length. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
