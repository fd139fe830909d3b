import { lazily } from '../../ports/lazily.ts';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { HttpProblem } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { docsInit, docsPage, pageStyle, problemIndexPage, problemPage } from './pages.ts';

const html = 'text/html; charset=utf-8';
/** Of its text, which was made once. */
const document: z.ZodType = z.record(z.string().max(100), z.unknown());
const day = { 'Cache-Control': 'public, max-age=86400' };

/** The document itself is made from all routes, these included, so it comes by a function. */
export function docsRoutes(openApi: () => Promise<string>): Route[] {
  // Read and made when it is first asked for: most processes never are.
  const asyncApi = lazily(async () => JSON.stringify((await import('./asyncApi/document.ts')).asyncApiDocument()));
  const asset = createRequire(import.meta.url).resolve;
  const common = { method: 'get', base: '', tag: 'Documentation', access: 'public', kind: 'query', problems: [] } as const;
  const text = z.string().max(3_000_000);
  const fixed = (path: string, operationId: string, summary: string, contentType: string, body: () => string | Promise<string>, headers: Record<string, string> = {}): Route =>
    defineRoute({ ...common, path, operationId, summary, response: { status: 200, schema: text, contentType }, handler: async () => ({ body: await body(), headers }) });

  return [
    defineRoute({
      ...common, path: '/openapi.json', operationId: 'readOpenApi', summary: 'This document',
      response: { status: 200, schema: document, contentType: 'application/openapi+json' },
      handler: async () => ({ body: await openApi() }),
    }),
    defineRoute({
      ...common, path: '/asyncapi.json', operationId: 'readAsyncApi', summary: 'The sockets of lesson rooms, as AsyncAPI 3',
      response: { status: 200, schema: document, contentType: 'application/vnd.aai.asyncapi+json' },
      handler: async () => ({ body: await asyncApi() }),
    }),
    fixed('/docs', 'readDocs', 'The API, to read and to try', html, docsPage),
    fixed('/docs/init.js', 'readDocsScript', 'Script of the docs page', 'text/javascript; charset=utf-8', docsInit),
    fixed('/docs/page.css', 'readDocsStyle', 'Style of the problem pages', 'text/css; charset=utf-8', pageStyle, day),
    fixed('/docs/swagger-ui.css', 'readSwaggerStyle', 'Style of the docs page', 'text/css; charset=utf-8', () => readFile(asset('swagger-ui-dist/swagger-ui.css'), 'utf8'), day),
    fixed('/docs/swagger-ui-bundle.js', 'readSwaggerScript', 'Swagger UI', 'text/javascript; charset=utf-8', () => readFile(asset('swagger-ui-dist/swagger-ui-bundle.js'), 'utf8'), day),
    fixed('/problems', 'listProblems', 'All problem codes', html, problemIndexPage, day),
    defineRoute({
      ...common, path: '/problems/{code}', operationId: 'readProblem', summary: 'What a problem code means',
      request: { params: z.strictObject({ code: z.string().max(100) }) },
      response: { status: 200, schema: text, contentType: html },
      problems: ['notFound'],
      handler: ({ params }) => {
        const body = problemPage(params.code);
        if (body === undefined) throw new HttpProblem('notFound', 'There is no such problem code.');
        return Promise.resolve({ body, headers: day });
      },
    }),
  ];
}
