import { MeetingsError, type MeetingsErrorCode } from '../../ports/meetings.ts';

export type ZoomErrorFacts = {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** Zoom's own code (124, 300, 1001, 3001, …); undefined when the body named none. */
  zoomCode?: number | undefined;
  retryAfterMs?: number | undefined;
};

/** Zoom said no, or nothing. The message is fit for events and logs: no addresses, links or tokens. */
export class ZoomApiError extends MeetingsError {
  readonly status: number;
  readonly zoomCode: number | undefined;
  constructor(code: MeetingsErrorCode, message: string, facts: ZoomErrorFacts, options?: ErrorOptions) {
    super(code, message, { ...options, ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }) });
    this.name = 'ZoomApiError';
    this.status = facts.status;
    this.zoomCode = facts.zoomCode;
  }
}

/** 429. `rateLimited`: a limit of seconds, wait `retryAfterMs`; `dailyLimit`: the host's day is over. */
export class ZoomRateLimitError extends ZoomApiError {
  constructor(code: 'rateLimited' | 'dailyLimit', message: string, facts: ZoomErrorFacts) {
    super(code, message, facts);
    this.name = 'ZoomRateLimitError';
  }
}

/** The credentials are unknown, refused, or lack a scope. */
export class ZoomAuthError extends ZoomApiError {
  constructor(message: string, facts: ZoomErrorFacts, options?: ErrorOptions) {
    super('unauthorized', message, facts, options);
    this.name = 'ZoomAuthError';
  }
}

/** A vendor's sentence without what could name a person or open a door: addresses, links, long opaque words. At most 200 characters. */
export const safeMessage = (text: string): string =>
  text
    .replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[link]')
    .replace(/\S+@\S+/g, '[address]')
    .replace(/[A-Za-z0-9_+/=.-]{20,}/g, '[…]')
    .slice(0, 200);
