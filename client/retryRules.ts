import type { CloseCode, closeCodes, Retry } from '../src/commands/rooms/protocol/closeCodes.ts';

/** The protocol's table, as far as a client acts on it. The compiler holds it to the server's: a code that is new, gone or changed there does not compile here. */
const rules: { readonly [Code in CloseCode]: (typeof closeCodes)[Code]['retry'] } = {
  1009: 'backOff', 1012: 'atOnce', 1013: 'backOff',
  4008: 'backOff', 4100: 'never', 4400: 'backOff', 4401: 'backOff', 4403: 'never', 4404: 'never',
  4408: 'backOff', 4409: 'never', 4410: 'never', 4426: 'never', 4429: 'backOff',
};

const reasons: { readonly [Code in CloseCode]: (typeof closeCodes)[Code]['reason'] } = {
  1009: 'tooBig', 1012: 'restarting', 1013: 'later',
  4008: 'slowConsumer', 4100: 'kicked', 4400: 'badMessage', 4401: 'unauthenticated', 4403: 'forbidden', 4404: 'noSuchRoom',
  4408: 'idle', 4409: 'superseded', 4410: 'roomEnded', 4426: 'protocolTooOld', 4429: 'tooFast',
};

const known = (code: number): code is CloseCode => Object.hasOwn(rules, code);

/** What to do after a close. A code that is not ours (1006: the line broke) is a reason to come back. */
export const retryAfter = (code: number): Retry => (known(code) ? rules[code] : 'backOff');

/** In the protocol's word; `lineBroke` for what nobody sent. */
export const reasonOf = (code: number): string => (known(code) ? reasons[code] : 'lineBroke');

/** After `atOnce`: everybody was cut off in the same moment, and must not come back in the same one. */
const atOnceWithinMs = 400;
const firstMs = 400;
const longestMs = 20_000;

/**
 * @param attempt how many in a row failed, from 0 · random in [0, 1)
 * @returns milliseconds: doubling, between half and whole, so that a class that lost its server does not return as one
 */
export function delayBefore(retry: 'backOff' | 'atOnce', attempt: number, random: number): number {
  if (retry === 'atOnce' && attempt === 0) return random * atOnceWithinMs;
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 10)) * (0.5 + random / 2);
}
