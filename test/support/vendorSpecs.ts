import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as formats from 'ajv-formats';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = process.env.LECTERN_VENDOR_SPECS ?? resolve(root, '../shared/vendor-specs');

export const haveVendorSpecs = existsSync(folder);

/** `describe`, or its skipped form that says why, where the vendors' descriptions are not at hand. */
export const describeWithVendorSpecs: jest.Describe = haveVendorSpecs
  ? describe
  : Object.assign((name: string, fn: () => void) => describe.skip(`${name} (skipped: the vendors' descriptions are not beside the project; LECTERN_VENDOR_SPECS names their folder)`, fn), describe);

type Json = { [key: string]: unknown };

/** `nullable` → `type: [.., "null"]`; everything else as it is. */
function toJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, example: _, ...rest } = value as Json;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, toJsonSchema(inner)]));
  if (nullable === true && typeof schema['type'] === 'string') schema['type'] = [schema['type'], 'null'];
  return schema;
}

function compiler() {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { int64: true, int32: true } });
  (formats.default as unknown as { default: (a: Ajv2020) => void }).default(ajv);
  return (schema: unknown) => ajv.compile(toJsonSchema(schema) as object);
}

const read = (file: string): Json => JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as Json;
const dig = (value: unknown, ...keys: string[]): unknown => keys.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Json)[key] : undefined), value);
const firstSchema = (content: unknown): unknown => (typeof content === 'object' && content !== null ? dig(Object.values(content)[0], 'schema') : undefined);

/** Checks against Zoom's own descriptions. Each answers a list of problems; [] = fits. `undefined` where nothing is described. */
export function zoomSpecs() {
  const documents = [read('zoom/meetings.openapi.json'), read('zoom/users.openapi.json')];
  const webhooks = read('zoom/webhooks.openapi31.json');
  const compile = compiler();
  const cache = new Map<string, ValidateFunction | undefined>();
  const check = (key: string, schema: () => unknown, value: unknown): string[] | undefined => {
    if (!cache.has(key)) {
      const found = schema();
      cache.set(key, found === undefined ? undefined : compile(found));
    }
    const validate = cache.get(key);
    if (!validate) return undefined;
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message ?? ''}`);
  };
  const operation = (method: string, route: string) => {
    const found = documents.map((document) => dig(document, 'paths', route, method.toLowerCase())).find((one) => one !== undefined);
    return found as Json | undefined;
  };
  return {
    describes: (method: string, route: string) => operation(method, route) !== undefined,
    describesStatus: (method: string, route: string, status: number) => dig(operation(method, route), 'responses', String(status)) !== undefined,
    request: (method: string, route: string, body: unknown) =>
      check(`> ${method} ${route}`, () => firstSchema(dig(operation(method, route), 'requestBody', 'content')), body),
    query(method: string, route: string, query: URLSearchParams): string[] {
      const parameters = (operation(method, route)?.['parameters'] ?? []) as Json[];
      return [...query].flatMap(([name, value]) => {
        const parameter = parameters.find((one) => one['in'] === 'query' && one['name'] === name);
        if (!parameter) return [`?${name} is not described`];
        const type = dig(parameter, 'schema', 'type');
        const typed = type === 'integer' || type === 'number' ? Number(value) : type === 'boolean' ? value === 'true' : value;
        return check(`? ${method} ${route} ${name}`, () => parameter['schema'], typed) ?? [];
      });
    },
    answer: (method: string, route: string, status: number, body: unknown) =>
      check(`< ${method} ${route} ${status}`, () => firstSchema(dig(operation(method, route), 'responses', String(status), 'content')), body),
    webhook: (event: string, body: unknown) => check(`! ${event}`, () => firstSchema(dig(webhooks, 'webhooks', event, 'post', 'requestBody', 'content')), body),
  };
}

/** Checks against what was transcribed of Cloudflare's TURN endpoints; all are POST. Problems as with `zoomSpecs`; paths are below the server's URL. */
export function cloudflareTurnSpecs() {
  const document = read('cloudflare/sfu-and-turn.transcribed.openapi.json');
  const compile = compiler();
  const operation = (route: string) => dig(document, 'paths', route, 'post');
  const check = (schema: unknown, value: unknown): string[] | undefined => {
    if (typeof schema !== 'object' || schema === null) return undefined;
    const validate = compile({ ...schema, components: document['components'] });
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message ?? ''}`);
  };
  return {
    describesStatus: (route: string, status: number) => dig(operation(route), 'responses', String(status)) !== undefined,
    request: (route: string, body: unknown) => check(firstSchema(dig(operation(route), 'requestBody', 'content')), body),
    answer: (route: string, status: number, body: unknown) => check(firstSchema(dig(operation(route), 'responses', String(status), 'content')), body),
  };
}
