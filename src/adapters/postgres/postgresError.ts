/**
 * What an error of a Postgres call means for whoever made the call:
 * `unreachable`: nobody took the statement · `lost`: the connection ended, and with it the knowledge whether a statement in flight
 * took effect · `timeout`: the server or we gave up waiting; same doubt · `data`: the values cannot be stored (class 22), and would fail again ·
 * `unique`, `constraint`: refused, nothing written · `conflict`: serialization failure or deadlock, nothing written, worth repeating ·
 * `readOnly`: the server does not take writes now · `other`.
 */
export type PostgresErrorKind = 'unreachable' | 'lost' | 'timeout' | 'data' | 'unique' | 'constraint' | 'conflict' | 'readOnly' | 'other';

const unreachableCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ETIMEDOUT', '57P03', '53300', '3D000', '28P01', '28000']);
const lostCodes = new Set(['ECONNRESET', 'EPIPE', '57P01', '57P02', '57P05', '25P03', '25P04']);

/** SQLSTATE classes: postgresql.org, appendix A. pg's own errors bear no code, only words. */
export function classifyPostgresError(error: unknown): PostgresErrorKind {
  // By shape, not by class: errors of Node itself come from another realm when code runs in a VM context (Jest).
  if (typeof error !== 'object' || error === null) return 'other';
  const { code = '', message = '', errors } = error as { code?: string; message?: string; errors?: unknown[] };
  if (code === '' && errors?.[0] !== undefined) return classifyPostgresError(errors[0]);
  if (unreachableCodes.has(code)) return 'unreachable';
  if (lostCodes.has(code)) return 'lost';
  if (code.length !== 5) {
    if (/^(timeout expired|timeout exceeded when trying to connect)/.test(message)) return 'unreachable';
    if (/Query read timeout/.test(message)) return 'timeout';
    if (/Connection terminated|Client has encountered a connection error|not queryable|Client was closed/.test(message)) return 'lost';
    return 'other';
  }
  if (code === '57014') return 'timeout';
  if (code === '23505') return 'unique';
  if (code === '25006') return 'readOnly';
  switch (code.slice(0, 2)) {
    case '08': return 'lost';
    case '22': return 'data';
    case '23': return 'constraint';
    case '40': return 'conflict';
    case '57': return 'lost';
    default: return 'other';
  }
}

/** True when the same call may well succeed in a moment: the server is away, restarting, or took too long. */
export function isPassing(kind: PostgresErrorKind): boolean {
  return kind === 'unreachable' || kind === 'lost' || kind === 'timeout' || kind === 'conflict' || kind === 'readOnly';
}
