import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { HttpProblem } from '../problems.ts';
import { defineRoute, type Route, type RouteAnswer } from '../route.ts';

/** Where `npm run build:web` puts it. */
const built = fileURLToPath(new URL('../../../web/dist/', import.meta.url));
const types: Readonly<Record<string, string>> = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', ttf: 'font/ttf' };
const year = 'public, max-age=31536000, immutable';
const compressed = promisify(gzip);

/**
 * What the page may do on top of what every answer says (both policies hold): no inline style either, scripts and sockets of this server
 * only; pictures also from memory, where what was fetched with a token lies. Camera and microphone are for this page alone.
 */
const pageHeaders = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
  'Cache-Control': 'no-cache',
};

/** The page of a lesson room, and the files it is made of. Public: who may enter the room is asked by the room itself. */
export function roomPageRoutes(folder: string = built): Route[] {
  const files = new Map<string, Promise<{ plain: Buffer; zipped: Buffer }>>();
  const load = async (name: string): Promise<{ plain: Buffer; zipped: Buffer }> => {
    const plain = await readFile(folder + name);
    return { plain, zipped: await compressed(plain) };
  };
  const answer = async (name: string, acceptEncoding: string | undefined, headers: Record<string, string>): Promise<RouteAnswer<string>> => {
    const file = files.get(name) ?? load(name);
    files.set(name, file);
    // A missing file is asked for again: the page may be built while the server runs.
    const loaded = await file.catch(() => void files.delete(name));
    if (!loaded) throw new HttpProblem('notFound', name === 'room.html' ? 'The page is not built yet: npm run build:web.' : 'There is no such file.');
    const zips = /\bgzip\b/.test(acceptEncoding ?? '');
    return {
      body: (zips ? loaded.zipped : loaded.plain) as unknown as string,
      headers: { ...headers, 'Content-Type': types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream', Vary: 'Accept-Encoding', ...(zips ? { 'Content-Encoding': 'gzip' } : {}) },
    };
  };
  const common = { method: 'get', base: '', tag: 'Pages', access: 'public', kind: 'query', problems: ['notFound'] } as const;
  return [
    defineRoute({
      ...common, path: '/rooms/{id}', operationId: 'readRoomPage', summary: 'The page of a lesson room',
      request: { params: z.strictObject({ id: z.string().max(100) }) },
      response: { status: 200, schema: z.string().max(100_000), contentType: 'text/html; charset=utf-8' },
      handler: ({ headers }) => answer('room.html', headers['accept-encoding'], pageHeaders),
    }),
    defineRoute({
      ...common, path: '/rooms/assets/{file}', operationId: 'readRoomPageFile', summary: 'A script, style or font of the room page', unlimited: true,
      description: 'Named by their content: kept for ever by whoever fetched them.',
      request: { params: z.strictObject({ file: z.string().max(100).regex(/^[\w-]+\.(js|css|ttf)$/) }) },
      response: { status: 200, schema: z.string().max(3_000_000).meta({ format: 'binary' }), contentType: 'application/octet-stream' },
      handler: ({ params, headers }) => answer(`assets/${params.file}`, headers['accept-encoding'], { 'Cache-Control': year }),
    }),
  ];
}
