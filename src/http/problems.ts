import { DomainError } from '../domain/kernel/domainError.ts';

/**
 * The one table of everything that can go wrong over HTTP: code → status and title (RFC 9457). Codes are stable: clients
 * switch on them, and each has its page at /problems/{code}. Whoever invents a DomainError code adds its row here.
 */
const table = {
  // The request itself
  invalidRequest: [400, 'The request does not fit the schema'],
  malformedJson: [400, 'The body is not valid JSON'],
  invalidCursor: [400, 'The cursor was not made by this list'],
  invalidHeader: [400, 'A header has a value that cannot be read'],
  malformedPath: [400, 'The path cannot be decoded'],
  unauthorized: [401, 'A valid bearer token is needed'],
  invalidSignature: [401, 'The signature does not fit the body'],
  forbidden: [403, 'Your role does not allow this'],
  personInactive: [403, 'This person is deactivated'],
  notFound: [404, 'There is nothing here'],
  methodNotAllowed: [405, 'This resource does not take that method'],
  notAcceptable: [406, 'This resource cannot be sent in a form you accept'],
  requestTimeout: [408, 'The request did not arrive in time'],
  bodyTooLarge: [413, 'The body is too large'],
  uriTooLong: [414, 'The address is too long'],
  unsupportedMediaType: [415, 'The body has a media type or encoding that is not taken here'],
  headersTooLarge: [431, 'The headers are too large'],
  rateLimited: [429, 'Too many requests'],
  staleRevision: [412, 'It has changed since you read it'],
  keyInProgress: [409, 'A request with this Idempotency-Key is still running'],
  keyReused: [422, 'This Idempotency-Key was used for another request'],
  // Our own state
  internalError: [500, 'Something went wrong on our side'],
  unavailable: [503, 'Something that is needed is away for the moment'],
  readModelBehind: [503, 'The view has not reached that position yet'],
  shuttingDown: [503, 'The server is stopping'],
  vendorUnavailable: [503, 'The vendor does not answer'],
  // Directory
  personNotFound: [404, 'There is no such person'],
  personExists: [409, 'This person is already registered'],
  groupNotFound: [404, 'There is no such group'],
  groupExists: [409, 'This group exists already'],
  // Lessons
  lessonNotFound: [404, 'There is no such lesson'],
  noZoomAccountFree: [409, 'No Zoom account is free at that time'],
  teacherBusy: [409, 'The teacher already teaches at that time'],
  startInPast: [422, 'The start lies in the past'],
  // Jobs
  jobNotFound: [404, 'There is no such job'],
  jobRunNotFound: [404, 'There is no such run'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof table;

export const problems: Readonly<Record<string, { status: number; title: string }>> = Object.freeze(
  Object.fromEntries(Object.entries(table).map(([code, [status, title]]) => [code, { status, title }])),
);

/** One thing wrong with the input: where (RFC 6901 pointer into that part) and what. */
export type InputError = { in: 'body' | 'query' | 'path' | 'header'; pointer: string; detail: string };

/** A refusal that http itself makes. Handlers throw DomainError; this is for what lies before them. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly code: ProblemCode;
  readonly errors: readonly InputError[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: ProblemCode, detail: string, more: { errors?: readonly InputError[]; headers?: Record<string, string>; cause?: unknown } = {}) {
    super(detail, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

/** A refusal by code, for handlers: `throw refusal('lessonNotFound', …)`; the code is checked against the table. */
export const refusal = (code: ProblemCode, message: string, details?: Readonly<Record<string, unknown>>): DomainError => new DomainError(code, message, details);
