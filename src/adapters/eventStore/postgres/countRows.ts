import type { Duplex } from 'node:stream';
import type { ClientBase, Connection, Submittable } from 'pg';

/** A named statement. Arrays go in binary (binaryArrays.ts), everything else as text. */
export type Statement = { name: string; text: string; values: readonly (string | Buffer)[] };

/** What pg's connection offers to queries that are not its own (pg-cursor and pg-query-stream live on it too). */
type Wire = {
  readonly stream: Duplex;
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly (string | Buffer)[] }): void;
  execute(message: object): void;
  sync(): void;
};

/** pg calls these; `callback` too where it watches over answers (`query_timeout`), which the writer does itself. */
type CountingQuery = Submittable & {
  name: string;
  text: string;
  callback(error: unknown, rows?: number): void;
  handleCommandComplete(message: { text: string }): void;
  handleReadyForQuery(): void;
  handleError(error: unknown): void;
};

/**
 * Runs a statement that returns no rows. pg's own query also asks for the description of the rows ("Describe portal"), of which there
 * are none here; for the INSERT out of a WITH that an append was until migration 070, that cost the server 0.02 ms, a fifteenth of an idle append.
 * @param client free: nothing else is asked of it meanwhile.
 * @returns how many rows were written. @throws what pg's own query throws.
 */
export function countRows(client: ClientBase, { name, text, values }: Statement): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    const query: CountingQuery = {
      name,
      text,
      callback: (error, written) => (error ? reject(error as Error) : resolve(written ?? 0)),
      submit(connection) {
        const wire = connection as Connection & Wire;
        // One packet, not four.
        wire.stream.cork();
        if (wire.parsedStatements[name] === undefined) wire.parse({ name, text });
        wire.bind({ statement: name, values });
        wire.execute({});
        wire.sync();
        wire.stream.uncork();
      },
      // "INSERT 0 1": https://www.postgresql.org/docs/18/protocol-message-formats.html, CommandComplete
      handleCommandComplete: (message) => void (rows = Number(message.text.slice(message.text.lastIndexOf(' ') + 1))),
      handleReadyForQuery() {
        this.callback(undefined, rows);
      },
      handleError(error) {
        this.callback(error);
      },
    };
    client.query(query);
  });
}
