import type { z } from 'zod';
import type { Position } from '../../ports/eventStore.ts';
import type { Exchange } from '../exchange.ts';
import { HttpProblem } from '../problems.ts';
import { fullPath, type Route } from '../route.ts';
import { idempotencyKeyOf, ifMatchOf, minPositionOf } from './headers.ts';
import { checked, parseQuery, strict } from './parseInput.ts';
import { parseJson } from './parseJson.ts';
import { decodeUtf8, defaultMaxBytes, hasBody, readBody } from './readBody.ts';

/** A route with what is worked out once: its strict schemas and its name in logs and metrics. */
export type Mounted = {
  route: Route;
  label: string;
  params: z.ZodType | undefined;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  bodyIsOptional: boolean;
};

export function mount(route: Route): Mounted {
  const body = route.request?.body && strict(route.request.body);
  return {
    route,
    label: fullPath(route),
    params: route.request?.params && strict(route.request.params),
    query: route.request?.query && strict(route.request.query),
    body,
    bodyIsOptional: body !== undefined && body.safeParse(undefined).success,
  };
}

export type Input = {
  params: unknown;
  query: unknown;
  body: unknown;
  raw: Buffer;
  ifMatch: number | undefined;
  key: string | undefined;
  minPosition: Position | undefined;
};

const jsonTypes = ['application/json'];
const anyType = ['*'];
const noBytes = Buffer.alloc(0);

/** Everything a request brings, checked against the route, headers before the body. @throws HttpProblem */
export async function readInput(exchange: Exchange, { route, params, query, body, bodyIsOptional }: Mounted, rawParams: Record<string, string>): Promise<Input> {
  const { request, response } = exchange;
  const isCommand = route.kind === 'command';
  const input: Input = {
    ifMatch: isCommand ? ifMatchOf(request.headers) : undefined,
    key: isCommand ? idempotencyKeyOf(request.headers) : undefined,
    minPosition: isCommand ? undefined : minPositionOf(request.headers),
    params: params ? checked(params, rawParams, 'path') : rawParams,
    query: queryOf(query, exchange.search),
    body: undefined,
    raw: noBytes,
  };
  if (route.rawBody) {
    input.raw = await readBody(request, response, route.rawBody.contentTypes, route.rawBody.maxBytes ?? defaultMaxBytes);
  } else if (body) {
    if (hasBody(request)) {
      const bytes = await readBody(request, response, jsonTypes, route.maxBytes ?? defaultMaxBytes);
      input.body = checked(body, bytes.length === 0 && bodyIsOptional ? undefined : parseJson(decodeUtf8(bytes)), 'body');
    } else input.body = checked(body, undefined, 'body');
  } else if (hasBody(request)) {
    const bytes = await readBody(request, response, anyType, defaultMaxBytes);
    if (bytes.length > 0) throw new HttpProblem('invalidRequest', 'This route takes no body.', { errors: [{ in: 'body', pointer: '', detail: 'not taken here' }] });
  }
  exchange.bodyTaken = true;
  return input;
}

function queryOf(schema: z.ZodType | undefined, search: string): unknown {
  const given = parseQuery(search);
  if (schema) return checked(schema, given, 'query');
  const names = Object.keys(given);
  if (names.length > 0) {
    throw new HttpProblem('invalidRequest', 'This route takes no parameters.', {
      errors: names.slice(0, 20).map((name) => ({ in: 'query', pointer: `/${name.slice(0, 100)}`, detail: 'not a parameter' })),
    });
  }
  return given;
}
