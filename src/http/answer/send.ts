import { hasBody } from '../input/readBody.ts';
import type { Exchange } from '../exchange.ts';
import type { StoredAnswer } from '../idempotency/store.ts';
import type { ServerSentEvent } from '../route.ts';
import { problemBody, type ProblemAnswer } from './problemOf.ts';

/** How much of an unwanted body is swallowed to keep a connection; beyond, the connection is closed. */
const swallowed = 64 * 1024;
/** Time for a caller who is still sending to read the refusal before the connection goes. */
const lingerMs = 300;
/** How long a stream of events waits for someone who stopped reading. */
const patienceMs = 30_000;

export type SentAnswer = Omit<StoredAnswer, 'body'> & { body: string | Buffer | null };

export type Sender = {
  /** Once; a second answer to the same exchange is dropped. */
  send(exchange: Exchange, answer: SentAnswer): void;
  problem(exchange: Exchange, problem: ProblemAnswer): StoredAnswer;
  /** Server-sent events (HTML standard, section 9.2) until the iteration ends or the caller leaves. */
  sendEvents(exchange: Exchange, events: AsyncIterable<ServerSentEvent>, signal: AbortSignal): Promise<void>;
};

/** @param fixedHeaders on every answer · isDraining: connections are then closed after their answer */
export function createSender(fixedHeaders: readonly string[], isDraining: () => boolean, done: (exchange: Exchange, status: number) => void): Sender {
  return {
    send(exchange, answer) {
      if (exchange.answered) return;
      exchange.answered = true;
      const { response } = exchange;
      if (response.headersSent || response.destroyed) return done(exchange, 499);
      const body = answer.body ?? '';
      const unread = bodyIsUnread(exchange);
      const headers = [...fixedHeaders, ...exchange.headers, ...exchange.limits, 'Trace-Id', exchange.traceId];
      for (const name in answer.headers) headers.push(name, answer.headers[name] ?? '');
      if (answer.headers['Cache-Control'] === undefined) headers.push('Cache-Control', 'no-store');
      if (answer.status !== 204 && answer.status !== 304) headers.push('Content-Length', String(Buffer.byteLength(body)));
      if (unread || isDraining()) headers.push('Connection', 'close');
      response.writeHead(answer.status, headers);
      if (unread) endSlowly(exchange, body);
      else response.end(body);
      done(exchange, answer.status);
    },

    problem: (exchange, problem) => {
      if (problem.code === 'rateLimited') exchange.limits = [];
      return {
        status: problem.status,
        headers: { ...problem.headers, 'Content-Type': 'application/problem+json' },
        body: JSON.stringify(problemBody(problem, exchange.path.slice(0, 500), exchange.traceId)),
      };
    },

    async sendEvents(exchange, events, signal) {
      const { response } = exchange;
      exchange.answered = true;
      response.writeHead(200, [...fixedHeaders, ...exchange.headers, ...exchange.limits, 'Content-Type', 'text/event-stream; charset=utf-8', 'Cache-Control', 'no-store', 'X-Accel-Buffering', 'no', 'Trace-Id', exchange.traceId]);
      response.flushHeaders();
      const beat = setInterval(() => { if (!response.writableNeedDrain) response.write(': alive\n\n'); }, 15_000);
      try {
        for await (const { id, event, data } of events) {
          if (signal.aborted || response.destroyed) break;
          const lines = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
          if (!response.write(lines)) await drained(exchange, signal);
        }
      } finally {
        clearInterval(beat);
        response.end();
        done(exchange, 200);
      }
    },
  };
}

/** Bytes that nobody wants are still on their way, too many to be worth swallowing. */
const bodyIsUnread = ({ request, bodyTaken }: Exchange): boolean =>
  !bodyTaken && hasBody(request) && !request.complete && !(Number(request.headers['content-length'] ?? Infinity) <= swallowed);

/** The answer goes out whole; only then, after a breath, is the connection closed: a reset would take the answer with it. */
function endSlowly({ request, response }: Exchange, body: string | Buffer): void {
  response.write(body);
  const timer = setTimeout(() => response.end(), lingerMs);
  request.once('close', () => {
    clearTimeout(timer);
    response.end();
  });
}

/** A reader who does not read is waited for, not buffered for; and not for ever. */
const drained = ({ response }: Exchange, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const evict = setTimeout(() => response.destroy(), patienceMs);
    const finish = (): void => {
      clearTimeout(evict);
      response.off('drain', finish);
      response.off('close', finish);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    response.once('drain', finish);
    response.once('close', finish);
    signal.addEventListener('abort', finish, { once: true });
  });
