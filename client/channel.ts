import type { Channel as ChannelName, subprotocol as spoken } from '../src/commands/rooms/protocol/envelope.ts';
import { delayBefore, reasonOf, retryAfter } from './retryRules.ts';
import type { SocketLike, Surroundings } from './surroundings.ts';

/*
 * One socket of a room, kept up:
 *
 *   idle ─open()─▶ connecting ─▶ open ─(closed)─▶ waiting ─(delay)─▶ connecting …
 *                      └──────────── a code that is never retried, or close() ────────────▶ ended
 *
 * `waiting` ends early when `nudge()` says that the network is back. The count of failed attempts begins anew once the owner of the
 * channel says `settled()`: an accepted upgrade alone proves nothing, since a browser learns a refusal only as a close code.
 */
export type ChannelState =
  | { is: 'idle' } | { is: 'connecting' } | { is: 'open' }
  | { is: 'waiting'; code: number; reason: string; inMs: number }
  | { is: 'ended'; code: number; reason: string };

/** Thrown by `address` when asking again cannot help. */
export class Ended extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export type ChannelOptions = {
  name: ChannelName;
  surroundings: Surroundings;
  /** The address with a new ticket. @throws Ended when there is no way in; anything else is tried again */
  address(): Promise<string>;
  opened(): void;
  received(message: { t: string; d: unknown }): void;
  changed(state: ChannelState): void;
};

export type Channel = {
  state(): ChannelState;
  open(): void;
  /** @returns false when there is no open socket: it was not sent */
  send(t: string, d?: unknown): boolean;
  /** Bytes that wait in the socket. */
  waiting(): number;
  settled(): void;
  nudge(): void;
  /** Closes this socket and begins a new one: what came over it is no longer believed. */
  again(): void;
  close(): void;
};

export const subprotocol: typeof spoken = 'lectern.room.v1';

export function createChannel(options: ChannelOptions): Channel {
  const { surroundings } = options;
  let state: ChannelState = { is: 'idle' };
  let socket: SocketLike | undefined;
  let attempt = 0;
  let forget: () => void = () => undefined;
  /** Every socket and every ticket asked for belongs to a try; news of an older one is not listened to. */
  let current = 0;

  const turn = (next: ChannelState): void => {
    state = next;
    options.changed(next);
  };
  const drop = (code?: number): void => {
    current++;
    forget();
    const old = socket;
    socket = undefined;
    if (!old) return;
    old.onopen = old.onmessage = old.onclose = null;
    old.close(code);
  };
  const retry = (code: number, rule: 'backOff' | 'atOnce'): void => {
    const inMs = delayBefore(rule, attempt++, surroundings.random());
    forget = surroundings.later(inMs, connect);
    turn({ is: 'waiting', code, reason: reasonOf(code), inMs });
  };
  const ended = (code: number): void => {
    drop();
    turn({ is: 'ended', code, reason: reasonOf(code) });
  };
  const lost = (code: number): void => {
    drop();
    const rule = retryAfter(code);
    if (rule === 'never') return ended(code);
    retry(code, rule);
  };

  const connect = (): void => {
    drop();
    const mine = current;
    turn({ is: 'connecting' });
    options.address().then(
      (url) => { if (mine === current) listenTo(url); },
      (error: unknown) => {
        if (mine !== current) return;
        if (error instanceof Ended) ended(error.code);
        else lost(1006);
      },
    );
  };
  const listenTo = (url: string): void => {
    const mine = current;
    let next: SocketLike;
    try {
      next = surroundings.socket(url, [subprotocol]);
    } catch {
      return lost(1006); // an address that makes no socket here and now: asked for anew like any other
    }
    socket = next;
    next.onopen = () => {
      if (mine !== current) return;
      turn({ is: 'open' });
      options.opened();
    };
    next.onmessage = ({ data }) => {
      const message = mine === current ? read(data) : undefined;
      if (message) options.received(message);
    };
    next.onclose = ({ code }) => { if (mine === current) lost(code); };
    next.onerror = () => undefined; // a close follows
  };

  return {
    state: () => state,
    open() { if (state.is === 'idle') connect(); },
    send(t, d) {
      if (state.is !== 'open' || !socket) return false;
      socket.send(JSON.stringify(d === undefined ? { t } : { t, d }));
      return true;
    },
    waiting: () => socket?.bufferedAmount ?? 0,
    settled() { attempt = 0; },
    nudge() { if (state.is === 'waiting') connect(); },
    again() {
      if (state.is === 'ended') return;
      drop(1000);
      retry(1006, 'backOff');
    },
    close() {
      if (state.is === 'ended') return;
      drop(1000);
      turn({ is: 'ended', code: 1000, reason: 'closed' });
    },
  };
}

/** Readers ignore what they do not know; what is no envelope at all is no message either. */
function read(data: unknown): { t: string; d: unknown } | undefined {
  if (typeof data !== 'string') return undefined;
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null || !('t' in message) || typeof message.t !== 'string') return undefined;
  return { t: message.t, d: 'd' in message ? message.d : undefined };
}
