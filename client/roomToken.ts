import { Problem, type RoomsApi } from './http.ts';
import type { Surroundings } from './surroundings.ts';

/*
 * The room's token: given by joining, good for 2 h, renewed half-way, so that a lesson goes on however soon the school's token runs out, and
 * clocks that differ do no harm. A renewal that fails is tried again; one that is refused for good is left: the next ticket will say why.
 */
export type RoomToken = {
  now(): string | undefined;
  /** @param expiresAt RFC 3339, by the server's clock */
  take(token: string, expiresAt: string): void;
  renew(): void;
  /** It is not good any more: what is asked goes with the school's again. */
  drop(): void;
  close(): void;
};

const leastMs = 60_000;

/** @param ask for a new one, with the one there is */
export function createRoomToken(surroundings: Surroundings, ask: () => ReturnType<RoomsApi['token']>): RoomToken {
  let token: string | undefined;
  let forget: () => void = () => undefined;
  let isClosed = false;
  const renewIn = (ms: number): void => {
    forget();
    forget = isClosed ? () => undefined : surroundings.later(Math.max(leastMs, ms), renew);
  };
  const take = (next: string, expiresAt: string): void => {
    token = next;
    const left = Date.parse(expiresAt) - Date.now();
    renewIn(Number.isFinite(left) ? left / 2 : leastMs);
  };
  const renew = (): void => {
    forget();
    ask().then(
      (renewed) => take(renewed.token, renewed.expiresAt),
      (error: unknown) => { if (!(error instanceof Problem) || error.status === 0 || error.status >= 429 || error.code === 'notInRoom') renewIn(leastMs); },
    );
  };
  return {
    now: () => token,
    take, renew,
    drop() {
      forget();
      token = undefined;
    },
    close() {
      isClosed = true;
      forget();
    },
  };
}
