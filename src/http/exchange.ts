import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actor } from './route.ts';

/** One request and its answer, from the first header to the log line. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** 32 hex digits; also the correlation id of every event that comes of it. */
  readonly traceId: string;
  readonly began: number;
  readonly path: string;
  /** Without the question mark. */
  readonly search: string;
  readonly address: string;
  /** The route's path with its parameters' names: for logs and metrics, where a real path may hold what must not be kept. */
  label: string;
  actor: Actor | undefined;
  commandId: string | undefined;
  controller: AbortController | undefined;
  /** The answer is a stream of events. */
  isStream: boolean;
  /** Name, value, name, value, … gathered on the way; sent with whatever answer comes. */
  readonly headers: string[];
  /** Where the caller stands with the rate limit: the last limit that was asked. */
  limits: readonly string[];
  /** The body was read to its end (or there was none). */
  bodyTaken: boolean;
  answered: boolean;
};
