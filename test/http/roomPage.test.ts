import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roomPageRoutes } from '../../src/http/pages/roomPage.ts';
import type { RouteRequest } from '../../src/http/route.ts';

const page = '<!doctype html><script type="module" src="/rooms/assets/room-1.js"></script>';

describe('the page of a lesson room', () => {
  let folder: string;
  beforeEach(async () => {
    folder = `${await mkdtemp(join(tmpdir(), 'lectern-page-'))}/`;
    await mkdir(`${folder}assets`);
    await writeFile(`${folder}room.html`, page);
    await writeFile(`${folder}assets/room-1.js`, 'export {};');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const ask = (operationId: string, params: object, acceptEncoding?: string) => {
    const route = roomPageRoutes(folder).find((one) => one.operationId === operationId)!;
    return route.handler({ params: route.request!.params!.parse(params), headers: { 'accept-encoding': acceptEncoding } } as RouteRequest);
  };

  it('comes with a policy that lets nothing inline or foreign run, and is asked for anew each time', async () => {
    const { body, headers } = await ask('readRoomPage', { id: 'room-1' });
    expect(String(body)).toBe(page);
    expect(headers).toMatchObject({ 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' });
    const policy = headers!['Content-Security-Policy']!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('sends its files compressed to who takes it, to be kept for ever', async () => {
    const plain = await ask('readRoomPageFile', { file: 'room-1.js' });
    expect(String(plain.body)).toBe('export {};');
    expect(plain.headers).toMatchObject({ 'Content-Type': 'text/javascript; charset=utf-8', Vary: 'Accept-Encoding', 'Cache-Control': 'public, max-age=31536000, immutable' });
    expect(plain.headers).not.toHaveProperty('Content-Encoding');
    const zipped = await ask('readRoomPageFile', { file: 'room-1.js' }, 'br, gzip');
    expect(zipped.headers).toMatchObject({ 'Content-Encoding': 'gzip' });
    expect(zipped.body as unknown as Buffer).toEqual(expect.objectContaining({ 0: 0x1f, 1: 0x8b }));
  });

  it('gives out nothing but its own files', async () => {
    for (const file of ['../room.html', '..', '.made-of', 'a/b.js', 'room-1.js.map', 'passwd']) expect(() => ask('readRoomPageFile', { file })).toThrow();
    await expect(ask('readRoomPageFile', { file: 'gone.js' })).rejects.toMatchObject({ code: 'notFound' });
  });

  it('says how it is built where it is not, and is there as soon as it is', async () => {
    await rm(`${folder}room.html`);
    const route = roomPageRoutes(folder)[0]!;
    const request = { params: { id: 'x' }, headers: {} } as RouteRequest;
    await expect(route.handler(request)).rejects.toThrow('npm run build:web');
    await writeFile(`${folder}room.html`, page);
    expect(String((await route.handler(request)).body)).toBe(page);
  });
});
