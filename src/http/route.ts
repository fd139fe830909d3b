import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { CommandContext } from '../commands/pipeline/context.ts';
import type { Role } from '../domain/kernel/fields.ts';
import type { Position } from '../ports/eventStore.ts';
import type { ProblemCode } from './problems.ts';

/**
 * A route says everything about itself: who may call it, what it takes and gives, which refusals it knows. The server,
 * the OpenAPI document, the access matrix test and the strictness of the input are all made from this one value.
 */
export type Access = readonly Role[] | 'authenticated' | 'public';

export type Actor = { id: string; role: Role };

/** What a handler gets. `body`, `query` and `params` are already parsed by the route's schemas. */
export type RouteRequest<Params = unknown, Query = unknown, Body = unknown> = {
  params: Params;
  query: Query;
  body: Body;
  /** On a public route: `{ id: 'anonymous', role: 'student' }`. */
  actor: Actor;
  /** For every event that this request leads to. `mayBeRepeat` is set when an earlier attempt's outcome is unknown. */
  command: CommandContext;
  /** Of the header If-Match; undefined when it is absent or `*`. */
  ifMatch?: number;
  /** Of the header Min-Position; the read model named by the route has reached it before the handler is called. */
  minPosition?: Position;
  /** The bytes as they came; only on routes with `rawBody`. */
  raw: Buffer;
  headers: IncomingHttpHeaders;
  /** The caller's IP address. */
  address: string;
  /** Aborts when the caller goes away or the server stops. */
  signal: AbortSignal;
};

export type ServerSentEvent = { id?: string; event?: string; data: unknown };

export type RouteAnswer<Body = unknown> = {
  /** Default: the route's `response.status`. */
  status?: number;
  /** JSON; a string or Buffer is sent as it is when the route's response has a `contentType`. */
  body?: Body;
  /** → header `ETag: "<revision>"`. For commands it is taken from the body's `revision` when absent here. */
  revision?: number;
  /** → header `Position`. For commands it is taken from the body's `position` when absent here. */
  position?: Position;
  headers?: Readonly<Record<string, string>>;
  /** A stream of server-sent events instead of a body; ends when the iteration does or the caller leaves. */
  events?: AsyncIterable<ServerSentEvent>;
};

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export type RouteDefinition<
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
  Answer extends z.ZodType | undefined,
> = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** `/lessons/{id}`; the base is put before it. Literal segments win over parameters. */
  path: string;
  /** Default `/api/v1`; '' for what others know by a fixed address (webhooks, join links). */
  base?: string;
  operationId: string;
  summary: string;
  description?: string;
  tag: string;
  access: Access;
  /** z.strictObject (or z.object: it is made strict). Strings need `.max()`, arrays `.max()`: a test insists. Query values are strings: use z.coerce, z.stringbool. */
  request?: { params?: Params; query?: Query; body?: Body };
  /** Instead of `request.body`: the bytes themselves, of these content types ('*' = any). Default limit 256 KB. */
  rawBody?: { contentTypes: readonly string[]; maxBytes?: number };
  /** Of a JSON body. Default 256 KB. */
  maxBytes?: number;
  response: {
    status: number;
    schema?: Answer;
    description?: string;
    /** Default application/json. */
    contentType?: string;
    /** Further forms of the same answer; the handler says which it sends in its header Content-Type. */
    otherContentTypes?: readonly string[];
  };
  /** Further statuses that are not problems (a redirect, a 207). */
  otherResponses?: readonly { status: number; description: string; schema?: z.ZodType }[];
  /** Codes of the table in problems.ts, beside those that every route has. */
  problems: readonly ProblemCode[];
  /** Commands take Idempotency-Key and If-Match, and answer `{ id, revision, position, … }`; queries take Min-Position. */
  kind: 'command' | 'query';
  /** The read models that a query reads: Min-Position waits for each. */
  readModel?: string | readonly string[];
  /** The answer holds a secret (a start URL): it is never stored, and a replay runs the handler anew with `command.mayBeRepeat`. */
  secretAnswer?: boolean;
  /** Milliseconds until the caller is told 503, whatever the handler still does. Default: the app's. */
  answerWithinMs?: number;
  /** Also for who brings the token of the room `{id}` in the path (src/http/auth/roomTokens.ts), and of no other. */
  roomToken?: boolean;
  /** No per-person, per-address rate limit (webhooks, which come in bursts from one address). */
  unlimited?: boolean;
  handler(request: RouteRequest<Output<Params>, Output<Query>, Output<Body>>): Promise<RouteAnswer<Output<Answer>>>;
};

/** A route whose types were checked where it was defined. */
export type Route = Omit<RouteDefinition<z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined>, 'handler'> & {
  handler(request: RouteRequest): Promise<RouteAnswer>;
};

export const defineRoute = <
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(definition: RouteDefinition<Params, Query, Body, Answer>): Route => definition as unknown as Route;

/** The full path as documented: base and path. */
export const fullPath = (route: Pick<Route, 'base' | 'path'>): string => `${route.base ?? '/api/v1'}${route.path}`;
