import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Trace } from '../ports/trace.ts';
import type { ReadModels } from '../projections/engine/readModel.ts';
import { answerOf } from './answer/answerOf.ts';
import { problemOf } from './answer/problemOf.ts';
import { createSender } from './answer/send.ts';
import { anonymous, authorize, createAuthenticate, createAuthenticateInRoom } from './auth/authenticate.ts';
import type { PersonAccess } from './auth/personAccess.ts';
import type { RoomTokens } from './auth/roomTokens.ts';
import type { VerifyToken } from './auth/tokens.ts';
import type { Cors } from './cors.ts';
import type { Exchange } from './exchange.ts';
import { answerOnce } from './idempotency/answerOnce.ts';
import { identify } from './idempotency/identify.ts';
import type { IdempotencyStore, StoredAnswer } from './idempotency/store.ts';
import { refuseUnacceptable } from './input/acceptable.ts';
import { traceIdOf } from './input/headers.ts';
import { mount, readInput, type Input, type Mounted } from './input/readInput.ts';
import type { Log } from './observe/logs.ts';
import type { Metrics } from './observe/metrics.ts';
import { tracedRequest } from './observe/tracedRequest.ts';
import { HttpProblem } from './problems.ts';
import type { RateLimits } from './rateLimits.ts';
import type { Actor, Route, RouteRequest } from './route.ts';
import { createRouteTable } from './routeTable.ts';

export type DispatchDeps = {
  routes: readonly Route[];
  verifyToken: VerifyToken;
  /** For routes with `roomToken`; absent: there they are taken for bad ones. */
  roomTokens?: Pick<RoomTokens, 'verify'>;
  people: PersonAccess;
  idempotency: IdempotencyStore;
  readModels: Pick<ReadModels, 'waitFor'>;
  rateLimits: RateLimits;
  metrics: Pick<Metrics, 'request'>;
  log: Log;
  /** Absent: nobody collects traces. */
  trace: Trace | undefined;
  /** Since when the event log is away; undefined while it is there. Queries are then marked stale. */
  staleSince: () => Date | undefined;
  /** Recognises errors of the database driver that mean "away", not "wrong". */
  isUnavailable: (error: unknown) => boolean;
  isDraining: () => boolean;
  /** Aborts what still runs when the time to drain is over; streams of events, which never end by themselves, as soon as it begins. */
  stopping: AbortSignal;
  streamsStopping: AbortSignal;
  /** On every answer: name, value, … */
  fixedHeaders: readonly string[];
  cors: Cors;
  addressOf: (request: IncomingMessage) => string;
  /** After this long the caller is told 503, whatever the handler still does. */
  answerWithinMs: number;
};

const minPositionWaitMs = 2_000;
const retrySoon = { 'Retry-After': '1' };

/** The way of a request through the house: find the route, know the caller, check the input, run, answer. */
export function createDispatch(deps: DispatchDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const find = createRouteTable(deps.routes.map(mount));
  const authenticate = createAuthenticate(deps.verifyToken, deps.people);
  const authenticateInRoom = deps.roomTokens && createAuthenticateInRoom(authenticate, deps.roomTokens, deps.people);

  const sender = createSender(deps.fixedHeaders, deps.isDraining, (exchange, status) => {
    const ms = performance.now() - exchange.began;
    deps.metrics.request(exchange.request.method ?? '', exchange.label, status, ms / 1_000);
    deps.log.info(
      { traceId: exchange.traceId, method: exchange.request.method, route: exchange.label, status, ms: Math.round(ms * 10) / 10, actor: exchange.actor?.id, commandId: exchange.commandId },
      'request',
    );
  });

  const problemFor = (exchange: Exchange, error: unknown) => {
    const problem = problemOf(error, deps.isUnavailable);
    if (problem.unexpected) deps.log.error({ traceId: exchange.traceId, route: exchange.label, commandId: exchange.commandId, err: error }, 'request failed');
    return problem;
  };
  const refuse = (exchange: Exchange, error: unknown): void => {
    if (!exchange.answered) sender.send(exchange, sender.problem(exchange, problemFor(exchange, error)));
  };

  /** Who asks, or a refusal; limits on the way. On the hot path nothing here is awaited. */
  const admit = async (exchange: Exchange, route: Route, params: Readonly<Record<string, string>>): Promise<Actor> => {
    const { address, person } = deps.rateLimits;
    if (address && !route.unlimited) exchange.limits = await address(exchange.address);
    if (route.access === 'public') return anonymous;
    const { authorization } = exchange.request.headers;
    const known = route.roomToken && authenticateInRoom ? authenticateInRoom(authorization, params['id']) : authenticate(authorization);
    const actor = known instanceof Promise ? await known : known;
    exchange.actor = actor;
    if (person && !route.unlimited) exchange.limits = await person(actor.id);
    authorize(route.access, actor);
    return actor;
  };

  const answerKeyed = async (exchange: Exchange, route: Route, identity: ReturnType<typeof identify>, requestFor: (repeat: boolean) => RouteRequest): Promise<StoredAnswer> => {
    const run = async (repeat: boolean): Promise<StoredAnswer> => {
      try {
        const answer = answerOf(route, await route.handler(requestFor(repeat)));
        return { ...answer, body: String(answer.body ?? '') };
      } catch (error) {
        return sender.problem(exchange, problemFor(exchange, error));
      }
    };
    const { answer, replayed } = await answerOnce(deps.idempotency, { ...identity, secretAnswer: route.secretAnswer === true }, run, (error) =>
      deps.log.warn({ traceId: exchange.traceId, commandId: exchange.commandId, err: error }, 'the answer to an Idempotency-Key was not kept'));
    if (replayed) exchange.headers.push('Idempotent-Replayed', 'true');
    return answer;
  };

  const requestOf = (exchange: Exchange, actor: Actor, input: Input, commandId: string, repeat: boolean): RouteRequest => ({
    params: input.params, query: input.query, body: input.body, raw: input.raw, actor,
    headers: exchange.request.headers, address: exchange.address,
    command: { commandId, correlationId: exchange.traceId, causationId: commandId, actor, ...(repeat ? { mayBeRepeat: true } : {}) },
    ...(input.ifMatch === undefined ? {} : { ifMatch: input.ifMatch }),
    ...(input.minPosition === undefined ? {} : { minPosition: input.minPosition }),
    // Made when asked for: most handlers never look.
    get signal() { return signalOf(exchange, exchange.isStream ? deps.streamsStopping : deps.stopping); },
  });

  const reached = async (readModel: string | readonly string[], position: string): Promise<boolean> =>
    (await Promise.all([readModel].flat().map((name) => deps.readModels.waitFor(name, position, minPositionWaitMs)))).every(Boolean);

  const handle = async (exchange: Exchange, mounted: Mounted, rawParams: Record<string, string>): Promise<void> => {
    const { route } = mounted;
    const actor = await admit(exchange, route, rawParams);
    refuseUnacceptable(exchange.request, route.response.contentType ?? 'application/json', route.response.otherContentTypes);
    const input = await readInput(exchange, mounted, rawParams);

    if (route.kind === 'query') {
      if (input.minPosition !== undefined && route.readModel !== undefined && !(await reached(route.readModel, input.minPosition))) {
        throw new HttpProblem('readModelBehind', 'The view has not reached that position yet.', { headers: retrySoon });
      }
      const staleSince = deps.staleSince();
      if (staleSince) exchange.headers.push('Stale-Since', staleSince.toISOString());
    }

    const identity = input.key === undefined ? undefined : identify({ ...input, key: input.key, route, actor });
    const commandId = identity?.commandId ?? crypto.randomUUID();
    if (route.kind === 'command') exchange.commandId = commandId;
    if (identity) return sender.send(exchange, await answerKeyed(exchange, route, identity, (repeat) => requestOf(exchange, actor, input, commandId, repeat)));

    const answer = await route.handler(requestOf(exchange, actor, input, commandId, false));
    if (answer.events) return sender.sendEvents(exchange, answer.events, signalOf(exchange, deps.streamsStopping));
    sender.send(exchange, answerOf(route, answer));
  };

  return (request, response) => {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const exchange: Exchange = {
      request, response, traceId: traceIdOf(request.headers), began: performance.now(), address: deps.addressOf(request),
      path: mark < 0 ? url : url.slice(0, mark), search: mark < 0 ? '' : url.slice(mark + 1),
      label: 'none', actor: undefined, commandId: undefined, controller: undefined, isStream: false,
      headers: [...deps.cors.headers(request.headers.origin)], limits: [], bodyTaken: false, answered: false,
    };
    const match = find(request.method ?? '', exchange.path);
    switch (match.kind) {
      case 'found': {
        exchange.label = match.value.label;
        exchange.isStream = match.value.route.response.contentType === 'text/event-stream';
        const late = setTimeout(() => refuse(exchange, new HttpProblem('unavailable', 'It took too long; whether it was done is not known.', { headers: retrySoon })), match.value.route.answerWithinMs ?? deps.answerWithinMs);
        const served = () => handle(exchange, match.value, match.params).catch((error: unknown) => refuse(exchange, error)).finally(() => clearTimeout(late));
        void (deps.trace ? tracedRequest(deps.trace, exchange, served) : served());
        return;
      }
      case 'wrongMethod': {
        const allow = [...match.allowed, 'OPTIONS'].join(', ');
        if (request.method !== 'OPTIONS') return refuse(exchange, new HttpProblem('methodNotAllowed', `This resource takes ${allow}.`, { headers: { Allow: allow } }));
        exchange.headers.push('Allow', allow, ...deps.cors.preflight(request, match.allowed));
        return sender.send(exchange, { status: 204, headers: {}, body: '' });
      }
      case 'malformed':
        return refuse(exchange, new HttpProblem('malformedPath', 'The path cannot be decoded.'));
      case 'notFound':
        return refuse(exchange, new HttpProblem('notFound', 'There is nothing at this address.'));
    }
  };
}

/** One per request, however often it is asked for. */
function signalOf(exchange: Exchange, stopping: AbortSignal): AbortSignal {
  if (!exchange.controller) {
    const controller = new AbortController();
    exchange.controller = controller;
    const abort = (): void => controller.abort();
    if (stopping.aborted || exchange.response.destroyed) abort();
    stopping.addEventListener('abort', abort, { once: true });
    exchange.response.once('close', () => {
      stopping.removeEventListener('abort', abort);
      abort();
    });
  }
  return exchange.controller.signal;
}
