import { randomUUID } from 'node:crypto';

export type Reply<Body> = { status: number; body: Body };

/** One person's hands on the public API. Queries wait for what this client has written (Min-Position). */
export type Client = {
  /** @throws Error unless the answer is 2xx */
  get<Body>(path: string): Promise<Body>;
  /** Any status; 2xx and problems alike. */
  send<Body>(method: 'POST' | 'PUT' | 'PATCH', path: string, body?: unknown): Promise<Reply<Body>>;
};

/** `seen`: the newest position that any client of this demo has written, shared so that each sees what the others did. */
export const createClient = (url: string, token: string, seen: { position?: string }): Client => {
  const call = async <Body>(method: string, path: string, body?: unknown): Promise<Reply<Body>> => {
    const response = await fetch(`${url}${path.startsWith('/_') ? '' : '/api/v1'}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(method === 'GET' ? (seen.position === undefined ? {} : { 'Min-Position': seen.position }) : { 'Idempotency-Key': randomUUID() }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const position = response.headers.get('position');
    if (position !== null && position > (seen.position ?? '')) seen.position = position;
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
  };
  return {
    async get<Body>(path: string) {
      const { status, body } = await call<Body>('GET', path);
      if (status >= 300) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
      return body;
    },
    send: (method, path, body) => call(method, path, body),
  };
};

/** 2xx, or an error that says what was asked and answered. `ok`: further statuses that are fine (409: it is there from the last demo). */
export const must = async <Body>(reply: Promise<Reply<Body>>, what: string, ...ok: number[]): Promise<Body> => {
  const { status, body } = await reply;
  if (status < 300 || ok.includes(status)) return body;
  throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
};
