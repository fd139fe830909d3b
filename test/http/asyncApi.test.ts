import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import parserPackage from '@asyncapi/parser';
import { closeCodes, limits } from '../../src/commands/rooms/protocol/closeCodes.ts';
import { asyncApiDocument } from '../../src/http/docs/asyncApi/document.ts';
import { protocolTables } from '../../src/http/docs/asyncApi/tables.ts';
import { transcript } from '../../src/http/docs/asyncApi/transcript.ts';
import { startTestServer } from './support/testServer.ts';
import { whyNotPublished } from './ws/support/checkFrames.ts';

type Document = { channels: Record<string, { address: string; messages: object }>; operations: Record<string, { action: string; messages: { $ref: string }[] }>; components: { messages: Record<string, { summary?: string }> }; 'x-close-codes': { code: number; retry: string }[]; 'x-limits': object };
const document = asyncApiDocument() as Document;
const page = fileURLToPath(new URL('../../docs/rooms-protocol.md', import.meta.url));

describe('the AsyncAPI document', () => {
  it('is AsyncAPI 3 by AsyncAPI\'s own parser', async () => {
    const { Parser } = parserPackage;
    const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
    expect(diagnostics.filter(({ severity }) => severity <= 1).map(({ message, path }) => `${path.join('/')}: ${message}`)).toEqual([]);
    expect(parsed!.version()).toBe('3.0.0');
    expect(parsed!.channels().all().map((channel) => channel.address())).toEqual(['/ws/classroom/{roomId}/board', '/ws/classroom/{roomId}/webrtc', '/ws/classroom/{roomId}/system']);
  });

  it('has every message of the protocol, each with what it is for, in the direction that it goes', () => {
    const said = Object.values(document.operations).flatMap(({ messages }) => messages.map(({ $ref }) => $ref.split('/').at(-1)!));
    expect(said.toSorted()).toEqual(Object.keys(document.components.messages).toSorted());
    expect(said).toHaveLength(47);
    for (const [id, { summary }] of Object.entries(document.components.messages)) expect([id, (summary ?? '').length > 10]).toEqual([id, true]);
    for (const [name, { action }] of Object.entries(document.operations)) expect(action).toBe(name.endsWith('.client') ? 'receive' : 'send');
  });

  it('has every close code with its retry rule, and every limit', () => {
    expect(document['x-close-codes'].map(({ code }) => code)).toEqual(Object.keys(closeCodes).map(Number));
    expect(document['x-close-codes'].filter(({ retry }) => retry === 'never').map(({ code }) => code)).toEqual([4100, 4403, 4404, 4409, 4410, 4426]);
    expect(document['x-limits']).toEqual(limits);
  });

  it('is right about its own example', () => {
    for (const line of transcript) if ('message' in line) expect(whyNotPublished('board', line.by, JSON.stringify(line.message))).toBeUndefined();
    expect(whyNotPublished('board', 'client', '{"t":"undo","d":{"seq":0}}')).toContain('must be >= 1');
    expect(whyNotPublished('board', 'server', '{"t":"teleport"}')).toContain('not in the document');
  });

  it('is served', async () => {
    const server = await startTestServer([]);
    const response = await fetch(new URL('/asyncapi.json', server.url));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/vnd.aai.asyncapi+json']);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)));
    await server.stop();
  });

  it('and the page about the sockets say the same: UPDATE_DOCS=1 writes the page\'s tables anew', async () => {
    const text = await readFile(page, 'utf8');
    const [before, , after] = text.split(/<!-- tables:.*?-->|<!-- \/tables -->/);
    const fresh = `${before}<!-- tables: made by test/http/asyncApi.test.ts -->\n${protocolTables()}\n<!-- /tables -->${after}`;
    if (process.env.UPDATE_DOCS) await writeFile(page, fresh);
    expect(await readFile(page, 'utf8')).toBe(fresh);
  });
});
