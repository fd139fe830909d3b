import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { createGzip, gunzipSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import {
  asText, docLines, docReader, emptyBoard, fold, memoryLines, memoryReader, snapshotSchemaVersion, type Board, type BoardDoc, type BoardEvent, type LineReader, type OpGroup,
} from '../../../domain/board/index.ts';
import type { FromThread, ToThread } from './foldInThread.ts';

/** The thread's own entry. Jobs run one after the other. Boards it folded last stay here: the next fold of a room goes on from there. */
const port = parentPort;
if (!port) throw new Error('this runs in a thread only');
// Linux: of this thread alone. A snapshot takes what the rooms leave, also on a machine with one core.
try {
  if (platform() === 'linux') setPriority(0, 19);
} catch {
  // Where that is not allowed, it is as important as everything else.
}
const say = (message: FromThread, buffers: ArrayBuffer[] = []) => port.postMessage(message, buffers);

const boards = new LRUCache<string, Board>({ max: 64, maxSize: 400_000, sizeCalculation: (board) => 100 + board.doc.shapes.size });
const bases = new Map<number, (base: Extract<ToThread, { kind: 'base' }>) => void>();
let last: Promise<void> = Promise.resolve();

port.on('message', (message: ToThread) => {
  if (message.kind === 'base') {
    bases.get(message.job)?.(message);
    bases.delete(message.job);
    return;
  }
  last = last.then(() => run(message));
});

async function run(message: Extract<ToThread, { kind: 'fold' }>): Promise<void> {
  const { job, roomId, from, groups, restored } = message;
  try {
    const base = from === 0 ? emptyBoard : await baseOf(job, roomId, from);
    const docs = new Map<string, BoardDoc>();
    for (const [sha256, gz] of restored) docs.set(sha256, readLines(gz, docReader(asText)).doc);
    const board = fold(base, eventsOf(groups, roomId), (sha256) => docs.get(sha256));
    boards.set(roomId, board);
    const doc = await gzipped(docLines(board.version, board.doc));
    const memory = await gzipped(memoryLines(board.version, board.memory));
    const facts = { version: board.version, schemaVersion: snapshotSchemaVersion, sha256: createHash('sha256').update(doc).digest('hex'), bytes: doc.byteLength, shapes: board.doc.shapes.size };
    say({ kind: 'folded', job, facts, doc, memory }, [doc.buffer, memory.buffer]);
  } catch (error) {
    say({ kind: 'failed', job, message: error instanceof Error ? error.message : String(error) });
  }
}

/** Line by line, as they are folded: read all at once, thousands of groups live long enough to be work for the collector. */
function* eventsOf(groups: Uint8Array<ArrayBuffer>, roomId: string): Generator<BoardEvent> {
  const bytes = Buffer.from(groups.buffer, groups.byteOffset, groups.byteLength);
  for (let at = 0, end = bytes.indexOf(10); end >= 0; at = end + 1, end = bytes.indexOf(10, at)) {
    for (const group of JSON.parse(`[${bytes.toString('utf8', at, end)}]`) as Omit<OpGroup, 'roomId' | 'roomRevision'>[]) yield { type: 'OpGroupApplied', data: { ...group, roomId, roomRevision: 0 } };
  }
}

async function baseOf(job: number, roomId: string, version: number): Promise<Board> {
  const known = boards.get(roomId);
  if (known?.version === version) return known;
  const coming = new Promise<Extract<ToThread, { kind: 'base' }>>((resolve) => bases.set(job, resolve));
  say({ kind: 'needsBase', job });
  const { doc, memory } = await coming;
  if (!doc || !memory) throw new Error(`the kept board of ${roomId} at version ${version} is not there`);
  return { version, doc: readLines(doc, docReader(asText)).doc, memory: readLines(memory, memoryReader()).memory };
}

function readLines<Result>(gz: Uint8Array, reader: LineReader<Result>): Result {
  for (const line of gunzipSync(gz).toString('utf8').split('\n')) if (line !== '') reader.line(line);
  return reader.done();
}

/** Never the whole text at once: it is ten times as large as what comes of it. Level 1: half the time for a tenth more bytes. */
async function gzipped(lines: Iterable<string>): Promise<Uint8Array<ArrayBuffer>> {
  const gzip = createGzip({ level: 1 });
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const ended = once(gzip, 'end');
  for (const line of lines) if (!gzip.write(line)) await once(gzip, 'drain');
  gzip.end();
  await ended;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size); // of its own, so that it can be handed over
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
