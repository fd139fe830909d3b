import pg from 'pg';

export type PoolSettings = {
  url: string;
  /** Shown in pg_stat_activity, e.g. 'lectern api'. */
  applicationName: string;
  /** Connections. Default 10. */
  max?: number;
  /** A statement that runs longer is cancelled by the server. Milliseconds; default 30,000; 0 = no limit. */
  statementTimeoutMs?: number;
  /** Whoever uses it watches over answers that never come; else pg does, 2 s after the server should have cancelled. */
  watchesItself?: boolean;
  /** Idle connections are closed after this. Milliseconds; default 60,000; 0 = never. */
  idleMs?: number;
  log: { warn(message: string): void };
};

/**
 * A pool that survives the server: a broken idle connection is a line in the log and a new connection, never an uncaught
 * error; a connection that cannot be had within 2 s is an error (kind `unreachable`); keep-alive finds half-open ones.
 * Behind PgBouncer, let it ignore the startup parameters statement_timeout and idle_in_transaction_session_timeout.
 */
export function createPool({ url, applicationName, max = 10, statementTimeoutMs = 30_000, watchesItself = false, idleMs = 60_000, log }: PoolSettings): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: idleMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    idle_in_transaction_session_timeout: 60_000,
    ...(statementTimeoutMs > 0 && { statement_timeout: statementTimeoutMs, ...(!watchesItself && { query_timeout: statementTimeoutMs + 2_000 }) }),
  });
  const report = (error: Error) => log.warn(`postgres (${applicationName}): ${error.message}`);
  pool.on('error', report);
  // The pool listens only while a client is idle; one that breaks while checked out and between two statements would end the process.
  pool.on('connect', (client) => client.on('error', report));
  return pool;
}
