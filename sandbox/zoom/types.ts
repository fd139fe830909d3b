import type { IncomingHttpHeaders } from 'node:http';

/** A Server-to-Server OAuth app: who may ask for tokens, and where its account's webhooks go. */
export type ZoomApp = {
  accountId: string;
  clientId: string;
  clientSecret: string;
  /** Signs the webhooks. */
  webhookSecret: string;
  /** Absent: this app has subscribed to nothing. */
  webhookUrl?: string;
};

/** 1 Basic, 2 Licensed (the numbers are Zoom's). */
export type ZoomUser = { id: string; email: string; accountId: string; type: 1 | 2; createdAt: string };

export type StoredMeeting = {
  id: number;
  /** Of the current (or next) instance; a new one begins when an instance ends. */
  uuid: string;
  hostId: string;
  accountId: string;
  topic: string;
  agenda: string;
  type: 1 | 2 | 3 | 8;
  /** RFC 3339 UTC, whole seconds. */
  startTime: string;
  duration: number;
  timezone: string;
  password: string;
  autoRecording: 'local' | 'cloud' | 'none';
  createdAt: string;
  /** Set while an instance runs. */
  running?: { startedAt: string; participants: Participant[] };
  /** Instances that ended. */
  past: { uuid: string; startedAt: string; endedAt: string }[];
};

export type Participant = { userId: string; userName: string; email: string; uuid: string; joinedAt: string };

/** What a handler gets: a decoded request whose token was accepted. */
export type ApiRequest = {
  method: string;
  /** Parts of the path after /v2, decoded once. */
  path: string[];
  /** The same, as sent. */
  rawPath: string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
  accountId: string;
};

export type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

/** Thrown by a handler: the answer is Zoom's `{ code, message, errors? }`. */
export class ZoomError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: { field: string; message: string }[] | undefined;
  readonly headers: Record<string, string>;
  constructor(status: number, code: number, message: string, more: { errors?: { field: string; message: string }[]; headers?: Record<string, string> } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}
