import type { Channel } from '../../commands/rooms/protocol/envelope.ts';
import type { EdgeLimits } from './edge.ts';
import type { Gate } from './gate.ts';
import { createTokenBucket, type Rate, type TokenBucket } from './tokenBucket.ts';

/**
 * How fast one socket may speak. What must not be lost only waits: over its rate the socket is read later, and whoever keeps that up for
 * long is told off. What is of the moment is dropped instead.
 */
export type Pace = {
  /** Of a message that was read; `t` undefined: nobody knows it. False: drop it. */
  allows(t: string | undefined): boolean;
  stop(): void;
};

const ephemeral: ReadonlySet<string> = new Set(['pointer', 'stroke', 'laser']);
/** Of the durable ones, what a `sync` costs: it reads the log. */
const syncCost = 10;
/** Read again once so many are there: one at a time would be a timer for each. */
const atATime = 6;

export function createPace(channel: Channel, limits: EdgeLimits, now: () => number, gate: Pick<Gate, 'hold' | 'release'>, tooFast: () => void): Pace {
  const durable: Rate = channel === 'board' ? { perSecond: limits.opsPerSecond, burst: limits.opsBurst } : { perSecond: limits.otherPerSecond, burst: limits.otherBurst };
  const lasting = createTokenBucket(durable, now);
  const all = createTokenBucket({ perSecond: limits.framesPerSecond, burst: limits.framesBurst }, now);
  const fleeting = new Map<string, TokenBucket>();
  let excessSince: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const bucketOf = (t: string): TokenBucket => {
    let bucket = fleeting.get(t);
    if (!bucket) fleeting.set(t, (bucket = createTokenBucket({ perSecond: limits.pointersPerSecond, burst: limits.pointersBurst }, now)));
    return bucket;
  };

  /** After each message: the next is read when the rates have room for it. */
  const slowDown = (): void => {
    if (timer !== undefined) return;
    if (lasting.until(1) === 0 && all.until(1) === 0) {
      // A second's worth is there again: the excess is over.
      if (excessSince !== undefined && lasting.until(durable.perSecond) === 0 && all.until(limits.framesPerSecond) === 0) excessSince = undefined;
      return;
    }
    excessSince ??= now();
    gate.hold('rate');
    timer = setTimeout(() => {
      timer = undefined;
      if (now() - (excessSince ?? now()) > limits.excessMs) return tooFast();
      gate.release('rate');
    }, Math.max(lasting.until(atATime), all.until(atATime), 1));
  };

  return {
    allows(t) {
      all.charge();
      const isFleeting = t !== undefined && ephemeral.has(t);
      const allowed = !isFleeting || bucketOf(t).take();
      if (!isFleeting) lasting.charge(t === 'sync' ? syncCost : 1);
      slowDown();
      return allowed;
    },
    stop() {
      if (timer !== undefined) clearTimeout(timer);
    },
  };
}
