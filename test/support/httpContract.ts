import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';

/** Any OpenAPI 3.1 document, e.g. `httpApp.openApi` or what GET /openapi.json answered. */
type Document = { paths?: object };

/** `body`: what JSON.parse makes of it. */
export type Answer = { status: number; headers: Headers; text: string; body: ReturnType<typeof JSON.parse> };
export type Ask = { body?: unknown; headers?: Record<string, string>; token?: string; raw?: string | Buffer; redirect?: 'manual' | 'follow' };

type Header = { required?: boolean };
type Response = { headers?: Record<string, Header>; content?: Record<string, unknown> };
type Operation = { responses: Record<string, Response> };

/** Says what is wrong with an answer, measured by the OpenAPI document; an empty list when it keeps to it. */
export function createHttpContract(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  ajv.addFormat('int64', true).addFormat('int32', true).addFormat('binary', true);
  ajv.addSchema(document as object, 'openapi');
  const compiled = new Map<string, ValidateFunction>();
  const paths = Object.keys(document.paths ?? {}).map((template) => ({
    template,
    literals: template.split('/').filter((part) => part !== '' && !part.startsWith('{')).length,
    pattern: new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
  })).toSorted((a, b) => b.literals - a.literals);

  const referenceOf = (value: unknown): string | undefined => (value as { $ref?: string } | undefined)?.$ref;
  const resolved = <T>(value: T): T => {
    const reference = referenceOf(value);
    return reference === undefined ? value : (reference.split('/').slice(1).reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document) as T);
  };

  return (method: string, path: string, answer: Pick<Answer, 'status' | 'headers' | 'text'>): string[] => {
    const hit = paths.find(({ pattern, template }) => pattern.test(path) && Object.hasOwn((document.paths as Record<string, object>)[template]!, method.toLowerCase()));
    if (!hit) return [404, 405, 400].includes(answer.status) ? [] : [`${method} ${path} is not documented, yet answered ${answer.status}`];
    const operation = (document.paths as Record<string, Record<string, Operation>>)[hit.template]![method.toLowerCase()]!;
    const response = resolved<Response | undefined>(operation.responses[String(answer.status)]);
    const where = `${method} ${hit.template} → ${answer.status}`;
    if (!response) return [`${where}: this status is not documented`];
    const problems: string[] = [];
    for (const [name, header] of Object.entries(response.headers ?? {})) if (resolved(header).required && !answer.headers.has(name)) problems.push(`${where}: the header ${name} is missing`);
    if (!response.content) return answer.text === '' ? problems : [...problems, `${where}: no body is documented`];
    const sent = answer.headers.get('content-type') ?? '';
    const documented = Object.keys(response.content).find((type) => type === sent || type.split(';')[0] === sent.split(';')[0]);
    if (documented === undefined) return [...problems, `${where}: the content type ${sent} is not documented`];
    if (!documented.includes('json')) return problems;
    const inPlace = ['paths', hit.template, method.toLowerCase(), 'responses', String(answer.status)];
    const pointer = [...(referenceOf(operation.responses[String(answer.status)])?.split('/').slice(1) ?? inPlace), 'content', documented, 'schema'];
    const ref = `openapi#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    let validate = compiled.get(ref);
    if (!validate) compiled.set(ref, (validate = ajv.compile({ $ref: ref })));
    if (!validate(JSON.parse(answer.text))) problems.push(...(validate.errors ?? []).map((error) => `${where}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`));
    return problems;
  };
}

/** A client whose every answer is held against the document: a broken promise fails the test that saw it. */
export const createTestClient = (url: string, document: Document, token?: string) => clientOf(url, createHttpContract(document), token);

/** The contract is compiled once for all who call through it. */
function clientOf(url: string, breaches: ReturnType<typeof createHttpContract>, token: string | undefined) {
  const ask = async (method: string, path: string, { body, headers = {}, token: own = token, raw, redirect = 'manual' }: Ask = {}): Promise<Answer> => {
    const response = await fetch(new URL(path, url), {
      method, redirect,
      headers: { ...(own ? { authorization: `Bearer ${own}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(raw !== undefined ? { body: raw as string } : body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, text, body: (response.headers.get('content-type') ?? '').includes('json') && text !== '' ? JSON.parse(text) : undefined };
    const found = method === 'OPTIONS' || method === 'HEAD' ? [] : breaches(method, new URL(path, url).pathname, answer);
    if (found.length > 0) throw new Error(`The answer breaks the API's contract:\n  ${found.join('\n  ')}\n  ${text.slice(0, 500)}`);
    return answer;
  };
  return {
    ask,
    get: (path: string, options?: Ask) => ask('GET', path, options),
    post: (path: string, body?: unknown, options?: Ask) => ask('POST', path, { ...options, body }),
    put: (path: string, body?: unknown, options?: Ask) => ask('PUT', path, { ...options, body }),
    patch: (path: string, body?: unknown, options?: Ask) => ask('PATCH', path, { ...options, body }),
    delete: (path: string, options?: Ask) => ask('DELETE', path, options),
    as: (other: string | undefined) => clientOf(url, breaches, other),
  };
}

export type TestClient = ReturnType<typeof clientOf>;
