import spectralCore from '@stoplight/spectral-core';
import owasp from '@stoplight/spectral-owasp-ruleset';
import parsers from '@stoplight/spectral-parsers';
import { widest } from '../../src/http/docs/bounded.ts';
import { fullPath } from '../../src/http/route.ts';
import { everyRoute } from './support/everyRoute.ts';

type Schema = Record<string, unknown>;
type Operation = { operationId: string; security: object[]; parameters?: { in: string; name: string; schema: Schema }[]; requestBody?: { content: Record<string, { schema: Schema }> } };

const { routes, openApi } = everyRoute();
const document = (await openApi()) as { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

describe('the OpenAPI document', () => {
  it('documents exactly what is mounted', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(routes.map((route) => `${route.method} ${fullPath(route)}`).toSorted());
  });

  it('names every operation once', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('asks for a token on every operation that is not public', () => {
    for (const route of routes) {
      const { security } = document.paths[fullPath(route)]![route.method]!;
      expect({ route: route.operationId, security }).toEqual({ route: route.operationId, security: route.access === 'public' ? [{}] : [{ token: [] }, ...(route.roomToken ? [{ roomToken: [] }] : [])] });
    }
  });

  it('takes nothing without a limit: every text has a length, every list a size, every object its fields', () => {
    const loose: string[] = [];
    const look = (where: string, node: unknown, seen: ReadonlySet<string> = new Set()): void => {
      if (Array.isArray(node)) return node.forEach((inner, index) => look(`${where}/${index}`, inner, seen));
      if (typeof node !== 'object' || node === null) return;
      const schema = node as Schema;
      if (typeof schema['$ref'] === 'string' && !seen.has(schema['$ref'])) look(where, document.components.schemas[schema['$ref'].split('/').at(-1)!], new Set([...seen, schema['$ref']]));
      if (schema['maxLength'] === widest.maxLength) loose.push(`${where}: a text without a length`);
      if (schema['maxItems'] === widest.maxItems) loose.push(`${where}: a list without a size`);
      if (schema['type'] === 'object' && schema['properties'] && schema['additionalProperties'] !== false) loose.push(`${where}: an object that takes any field`);
      Object.entries(schema).forEach(([key, inner]) => look(`${where}/${key}`, inner, seen));
    };
    for (const { path, method, operation } of operations) {
      for (const parameter of operation.parameters ?? []) look(`${method} ${path} ${parameter.in}/${parameter.name}`, parameter.schema);
      for (const { schema } of Object.values(operation.requestBody?.content ?? {})) look(`${method} ${path} body`, schema);
    }
    expect(loose).toEqual([]);
  });

  it('passes Spectral\'s OWASP ruleset', async () => {
    const spectral = new spectralCore.Spectral();
    spectral.setRuleset(owasp as unknown as Parameters<InstanceType<typeof spectralCore.Spectral>['setRuleset']>[0]);
    const found = await spectral.run(new spectralCore.Document(JSON.stringify(document), parsers.Json, 'openapi.json'));
    // The one exception: operations that anyone may call have no 401 to describe.
    const isPublic = (path: (string | number)[]) => routes.some((route) => route.access === 'public' && fullPath(route) === path[1] && route.method === path[2]);
    const findings = found.filter(({ code, path }) => !(code === 'owasp:api8:2023-define-error-responses-401' && isPublic(path as string[])));
    expect(findings.map(({ code, path, message }) => `${code} ${path.join('/')}: ${message}`).slice(0, 40)).toEqual([]);
  });
});
