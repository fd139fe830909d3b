import { DomainError } from '../../domain/kernel/domainError.ts';
import { EventStoreError } from '../../ports/eventStore.ts';
import { MeetingsError } from '../../ports/meetings.ts';
import { HttpProblem, problems, type InputError } from '../problems.ts';

/** RFC 9457. `details` holds what a refusal knows that helps (conflicting lessons, free slots). */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  traceId: string;
  errors?: readonly InputError[];
  details?: Readonly<Record<string, unknown>>;
};

export type ProblemAnswer = {
  status: number;
  code: string;
  detail: string;
  errors?: readonly InputError[];
  details?: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string>>;
  /** To be logged: nobody outside learns more than that it happened. */
  unexpected?: true;
};

/** Seconds. Stores are back sooner than anyone would try again by hand. */
const retrySoon = { 'Retry-After': '1' };

/**
 * Any error → what the caller is told.
 * @param isUnavailable recognises errors of the database driver that mean "away", not "wrong"
 */
export function problemOf(error: unknown, isUnavailable: (error: unknown) => boolean): ProblemAnswer {
  if (error instanceof HttpProblem) {
    return { status: statusOf(error.code), code: error.code, detail: error.message, headers: error.headers, ...(error.errors.length > 0 ? { errors: error.errors } : {}) };
  }
  if (error instanceof DomainError && problems[error.code]) {
    const status = statusOf(error.code);
    return {
      status, code: error.code, detail: error.message, headers: status === 503 ? retrySoon : {},
      ...(Object.keys(error.details).length > 0 ? { details: error.details } : {}),
    };
  }
  if (error instanceof EventStoreError && (error.code === 'unavailable' || error.code === 'unknownOutcome')) {
    return away(error.code === 'unavailable'
      ? 'The event log is away; nothing was changed.'
      : 'It is not known whether this was done; ask again with the same Idempotency-Key.');
  }
  if (error instanceof MeetingsError && error.code !== 'rejected' && error.code !== 'unauthorized' && error.code !== 'notFound') {
    const seconds = Math.min(2, Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)));
    return { status: 503, code: 'vendorUnavailable', detail: 'The meeting vendor does not answer.', headers: { 'Retry-After': String(seconds) } };
  }
  if (isUnavailable(error)) return away('The database is away.');
  return { status: 500, code: 'internalError', detail: 'It has been recorded under the trace id.', headers: {}, unexpected: true };
}

const away = (detail: string): ProblemAnswer => ({ status: 503, code: 'unavailable', detail, headers: retrySoon });

const statusOf = (code: string): number => problems[code]?.status ?? 500;

export const problemBody = (answer: ProblemAnswer, instance: string, traceId: string): Problem => ({
  type: `/problems/${answer.code}`,
  title: problems[answer.code]?.title ?? 'Something went wrong on our side',
  status: answer.status,
  detail: answer.detail,
  instance,
  code: answer.code,
  traceId,
  ...(answer.errors ? { errors: answer.errors } : {}),
  ...(answer.details ? { details: answer.details } : {}),
});

const awayCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', '25006', '40001', '40P01', '55P03']);

/**
 * Node's network codes; PostgreSQL's classes 08 (connection), 53 (no connection, disk or memory left) and 57 (stopping, starting,
 * cancelled by its time limit), a standby (25006), what another transaction got in the way of (40001, 40P01, 55P03); and the messages
 * with which pg itself gives up, which have no code. https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export function databaseIsAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && (awayCodes.has(code) || /^(08|53|57)\w{3}$/.test(code))) return true;
  if (error instanceof AggregateError && error.errors.some(databaseIsAway)) return true;
  if (/^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end)/.test(error.message)) return true;
  return error.cause !== undefined && databaseIsAway(error.cause);
}
