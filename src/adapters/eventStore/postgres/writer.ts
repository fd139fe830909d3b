import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { classifyPostgresError } from '../../postgres/postgresError.ts';
import { countRows, type Statement } from './countRows.ts';

/**
 * The one connection that writes the log. It is taken from the pool once and kept: taking it for each statement cost an idle
 * append a twentieth. One that breaks, or whose state is in doubt, is given back to be closed, and the next statement takes another.
 */
export type Writer = {
  /** @returns how many rows the statement wrote. Of its rows nothing comes back. @throws what pg throws. */
  count(statement: Statement): Promise<number>;
  /** @throws what pg throws. */
  rows<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  close(): void;
};

/** @param answerWithinMs default: 2 s after the server should have cancelled it */
export function createWriter(pool: Pool, answerWithinMs = 6_000): Writer {
  let held: { client: PoolClient; drop(): void } | undefined;
  /** When the statement went that is not answered; the appender sends one at a time. */
  let sentAt: number | undefined;
  // One timer for all statements, armed anew at most once in its time. pg's own, a new one for each, kept every statement with its values alive
  // until the whole heap was collected: a third of all that a busy process promoted.
  let watch: NodeJS.Timeout | undefined;
  const watchFor = (ms: number) => void (watch ??= setTimeout(() => {
    watch = undefined;
    if (sentAt === undefined) return;
    const leftMs = sentAt + answerWithinMs - performance.now();
    if (leftMs > 0) watchFor(leftMs);
    else held?.client.connection.stream.destroy(); // and pg fails what waits
  }, ms).unref());

  const hold = async () => {
    const client = await pool.connect();
    const drop = () => {
      if (held?.client !== client) return;
      held = undefined;
      client.off('error', drop).off('end', drop);
      client.release(true);
    };
    client.on('error', drop).on('end', drop);
    return (held = { client, drop });
  };

  const send = async <Answer>(statement: (client: PoolClient) => Promise<Answer>): Promise<Answer> => {
    const { client, drop } = held ?? (await hold());
    sentAt = performance.now();
    watchFor(answerWithinMs);
    try {
      return await statement(client);
    } catch (error) {
      if (!isAnswer(error)) drop();
      throw error;
    } finally {
      sentAt = undefined;
    }
  };

  return {
    count: (statement) => send((client) => countRows(client, statement)),
    rows: (statement) => send((client) => client.query(statement)),
    close() {
      clearTimeout(watch);
      held?.drop();
    },
  };
}

/** The server has judged the statement, and waits for the next one. */
function isAnswer(error: unknown): boolean {
  switch (classifyPostgresError(error)) {
    case 'data':
    case 'unique':
    case 'constraint':
    case 'conflict':
      return true;
    default:
      return false;
  }
}
