import { setImmediate as nextTurn } from 'node:timers/promises';
import { OpenApiGeneratorV31, OpenAPIRegistry, type ResponseConfig, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problems } from '../problems.ts';
import { fullPath, type Route } from '../route.ts';
import { bounded } from './bounded.ts';
import { answerHeaders, requestHeaders } from './headers.ts';
import { shared } from './shared.ts';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** As sent: RFC 9457. */
export const problemSchema = z
  .strictObject({
    type: z.string().max(200).describe('URI reference of the page that explains the code.'),
    title: z.string().max(200),
    status: z.int().min(400).max(599),
    detail: z.string().max(2_000),
    instance: z.string().max(500),
    code: z.string().max(100).describe('Stable; switch on this.'),
    traceId: z.string().max(64).describe('Finds this request in the logs.'),
    errors: z
      .array(z.strictObject({ in: z.enum(['body', 'query', 'path', 'header']), pointer: z.string().max(4_000).describe('RFC 6901, into that part.'), detail: z.string().max(500) }))
      .max(50).optional(),
    details: z.record(z.string().max(100), z.unknown()).optional().describe('Facts that help: what is in the way, what would be free.'),
  })
  .meta({ id: 'Problem' });

/**
 * OpenAPI 3.1, made from the very schemas that check requests. Answers' strings, numbers and lists that their schema does not
 * bound get the widest bounds there are, so that a reader can rely on some. It is made in slices, beside everything else that the process does: all at
 * once it would hold it for most of a second.
 */
export async function openApiDocument(routes: readonly Route[]): Promise<OpenApiDocument> {
  const making = makeDocument(routes);
  for (let step = making.next(); ; step = making.next()) {
    if (step.done) return step.value;
    await nextTurn();
  }
}

const routesAtATime = 4;

function* makeDocument(routes: readonly Route[]): Generator<void, OpenApiDocument> {
  const document = generate([]);
  const { paths = {}, components = {} } = document;
  const { schemas = {} } = components;
  for (let at = 0; at < routes.length; at += routesAtATime) {
    const part = generate(routes.slice(at, at + routesAtATime));
    bounded(part.paths);
    for (const [path, operations] of Object.entries(part.paths ?? {})) paths[path] = { ...paths[path], ...operations };
    for (const [name, schema] of Object.entries(part.components?.schemas ?? {})) if (!(name in schemas)) schemas[name] = schema;
    yield;
  }
  bounded(schemas);
  document.paths = paths;
  document.components = { ...components, schemas };
  document.tags = [...new Set(routes.map((route) => route.tag))].toSorted().map((name) => ({ name, description: `${name}.` }));
  yield;
  shared(document);
  return document;
}

function generate(routes: readonly Route[]): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http', scheme: 'bearer', bearerFormat: 'JWT',
    description: 'A signed JWT with sub, role, aud, iss and exp, checked as RFC8725 (RFC 8725) says. The directory\'s role overrides the token\'s.',
  });
  registry.registerComponent('securitySchemes', 'roomToken', {
    type: 'http', scheme: 'bearer', bearerFormat: 'JWT',
    description: 'The token of one room, as joining it gives: good for 2 h and for that room\'s paths only, checked as RFC8725 (RFC 8725) says.',
  });
  for (const route of routes) registry.registerPath(pathOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Lectern', version: '1',
      description: 'The backend of a school that teaches online. Commands answer with a revision (ETag) and a Position; queries wait for one (Min-Position). Every refusal is a problem of RFC 9457.',
      contact: { name: 'The school\'s office' },
      license: { name: 'Unlicensed', identifier: 'LicenseRef-Unlicensed' },
    },
    servers: [{ url: '/', description: 'This server, its production environment.', 'x-internal': 'false' }],
    security: [{ token: [] }],
  });
}

function pathOf(route: Route): RouteConfig {
  const { method, operationId, summary, request } = route;
  const contentTypes = route.rawBody ? route.rawBody.contentTypes.map((type) => (type === '*' ? 'application/octet-stream' : type)) : ['application/json'];
  const body = route.rawBody ? z.string().meta({ format: 'binary', maxLength: route.rawBody.maxBytes ?? 262_144 }) : request?.body;
  return {
    method, operationId, summary, path: fullPath(route), tags: [route.tag],
    description: `${(route.description ?? summary).replace(/\.$/, '')}. ${mayCall(route)}`,
    security: route.access === 'public' ? [{}] : route.roomToken ? [{ token: [] }, { roomToken: [] }] : [{ token: [] }],
    'x-access': route.access,
    request: {
      ...(request?.params ? { params: request.params as z.ZodObject } : {}),
      ...(request?.query ? { query: request.query as z.ZodObject } : {}),
      headers: requestHeaders(route),
      ...(body ? { body: { required: !body.safeParse(undefined).success, content: Object.fromEntries(contentTypes.map((type) => [type, { schema: body }])) } } : {}),
    },
    responses: { ...successes(route), ...refusals(route) },
  } as RouteConfig;
}

const mayCall = ({ access }: Route): string =>
  access === 'public' ? 'Anyone may call it.' : access === 'authenticated' ? 'Everyone with a token may call it.' : `For ${access.join(', ')}.`;

function successes(route: Route): Record<number, ResponseConfig> {
  const { status, schema, description = 'Done.', contentType = 'application/json', otherContentTypes = [] } = route.response;
  const all: Record<number, ResponseConfig> = { [status]: { description, headers: answerHeaders(route, status), ...(schema ? { content: Object.fromEntries([contentType, ...otherContentTypes].map((type) => [type, { schema }])) } : {}) } };
  for (const other of route.otherResponses ?? []) {
    all[other.status] = { description: other.description, headers: answerHeaders(route, other.status), ...(other.schema ? { content: { 'application/json': { schema: other.schema } } } : {}) };
  }
  return all;
}

/** Codes that a route has for what it is. */
function commonCodes(route: Route): string[] {
  const codes = ['invalidRequest', 'malformedPath', 'notAcceptable', 'rateLimited', 'internalError', 'unavailable'];
  if (route.access !== 'public') codes.push('unauthorized', 'personInactive', 'forbidden');
  if (route.request?.body || route.rawBody) codes.push('bodyTooLarge', 'unsupportedMediaType', 'malformedJson', 'requestTimeout');
  if (route.kind === 'command') codes.push('invalidHeader', 'keyInProgress', 'keyReused', 'staleRevision');
  if (route.readModel !== undefined) codes.push('invalidHeader', 'readModelBehind');
  return codes;
}

function refusals(route: Route): Record<number, ResponseConfig> {
  const byStatus = Map.groupBy(new Set([...commonCodes(route), ...route.problems]), (code) => problems[code]?.status ?? 500);
  const taken = new Set([route.response.status, ...(route.otherResponses ?? []).map((other) => other.status)]);
  return Object.fromEntries(
    [...byStatus].filter(([status]) => !taken.has(status)).toSorted(([a], [b]) => a - b).map(([status, codes]) => [
      status,
      { description: `\`${codes.join('`, `')}\``, headers: answerHeaders(route, status), content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  );
}
