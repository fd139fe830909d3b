import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { asText, docReader, memoryReader, placesIn, type BoardDoc, type BoardMemory, type LineReader, type OpGroup } from '../../../domain/board/index.ts';
import type { EventLog } from '../../../eventLog/eventLog.ts';
import type { Recorded } from '../../../eventLog/recorded.ts';
import type { BoardSnapshots } from '../../../ports/boardSnapshots.ts';
import { groupJson } from './frames.ts';

const gunzip = promisify(gunzipCallback);

/** Longer than this no work of ours holds the process in one piece. Milliseconds. */
const sliceMs = 8;

export const boardStream = (roomId: string): string => `board-${roomId}`;
export type GroupEvent = Extract<Recorded, { type: 'OpGroupApplied' }>;

/** A group in the log that cannot be read: the board behind it is not known. */
export class UnreadableBoard extends Error {
  override readonly name = 'UnreadableBoard';
}

/** Groups of the log after version `from`, at most `limit`. @throws EventStoreError, UnreadableBoard */
export async function groupEvents(log: Pick<EventLog, 'readStream'>, roomId: string, from: number, limit: number): Promise<GroupEvent[]> {
  const page = await log.readStream(boardStream(roomId), { from, limit });
  return page.map((decoded) => {
    if (!decoded.ok || decoded.event.type !== 'OpGroupApplied') throw new UnreadableBoard(`${boardStream(roomId)} revision ${decoded.ok ? decoded.event.revision : decoded.raw.revision} is no op group that can be read`);
    return decoded.event;
  });
}

/** The version that a group made, by the group's id; undefined: it is not in the log. Looks from the end: who asks mostly does so soon after writing it. */
export async function versionOfGroup(log: Pick<EventLog, 'readStream'>, roomId: string, id: string): Promise<number | undefined> {
  for (let from: number | undefined; ;) {
    const page = await log.readStream(boardStream(roomId), { direction: 'backwards', limit: 1_000, ...(from !== undefined && { from }) });
    const events = page.map((one) => (one.ok ? one.event : one.raw));
    const found = events.find((one) => one.id === id);
    if (found) return found.revision + 1;
    const last = events.at(-1);
    if (!last || last.revision === 0) return undefined;
    from = last.revision - 1;
    await nextTurn();
  }
}

const pageOfGroups = 500;

/** The groups after version `from` up to version `to`, as JSON. */
export async function readGroups(log: Pick<EventLog, 'readStream'>, roomId: string, from: number, to: number): Promise<string[]> {
  const groups: string[] = [];
  while (from + groups.length < to) {
    const page = await groupEvents(log, roomId, from + groups.length, Math.min(pageOfGroups, to - from - groups.length));
    if (page.length === 0) throw new UnreadableBoard(`${boardStream(roomId)} ends before version ${to}`);
    for (const { data, revision } of page) groups.push(groupJson(data, revision + 1));
    await nextTurn();
  }
  return groups;
}

const restoreMark = '"board.restore"';
const restoreOf = ({ ops }: Pick<OpGroup, 'ops'>): string | undefined => ops.flatMap((one) => (one.op === 'board.restore' ? [one.blob] : []))[0];

/** The boards that restores among these groups (as in `Folding`) bring back, as they are kept. @throws Error when one is missing */
export async function restoredBlobs(snapshots: Pick<BoardSnapshots, 'readBlob'>, groups: Uint8Array): Promise<Map<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  const bytes = Buffer.from(groups.buffer, groups.byteOffset, groups.byteLength);
  for (let at = bytes.indexOf(restoreMark); at >= 0;) {
    // The mark may be anywhere in a text; what is parsed decides.
    const end = bytes.indexOf('\n', at);
    const some = bytes.toString('utf8', bytes.lastIndexOf('\n', at) + 1, end);
    at = bytes.indexOf(restoreMark, end);
    for (const group of JSON.parse(`[${some}]`) as OpGroup[]) {
      const sha256 = restoreOf(group);
      if (sha256 !== undefined && !blobs.has(sha256)) blobs.set(sha256, await blobOf(snapshots, sha256));
    }
  }
  return blobs;
}

/** The same for events, ready to be folded with. */
export async function restoredDocs(snapshots: Pick<BoardSnapshots, 'readBlob'>, events: readonly GroupEvent[], known: Map<string, BoardDoc>): Promise<void> {
  for (const { data } of events) {
    const sha256 = restoreOf(data);
    if (sha256 !== undefined && !known.has(sha256)) known.set(sha256, await readDoc(await blobOf(snapshots, sha256)));
  }
}

async function blobOf(snapshots: Pick<BoardSnapshots, 'readBlob'>, sha256: string): Promise<Buffer> {
  const blob = await snapshots.readBlob(sha256);
  if (!blob) throw new UnreadableBoard(`the board ${sha256} that a restore refers to is not kept`);
  return blob;
}

/** A kept board, read in slices. @throws Error when it is none, or not a whole one */
export const readDoc = async (gz: Buffer): Promise<BoardDoc> => (await read(gz, docReader(asText))).doc;
export const readMemory = async (gz: Buffer): Promise<BoardMemory> => (await read(gz, memoryReader())).memory;

/** Only each client's last sequence. @throws as above */
export async function readPlaces(gz: Buffer): Promise<BoardMemory> {
  const bytes = (await gunzip(gz)) as Buffer;
  return placesIn(bytes.toString('utf8', 0, Math.max(0, bytes.indexOf(10)))) ?? readMemory(gz);
}

async function read<Result>(gz: Buffer, reader: LineReader<Result>): Promise<Result> {
  const bytes = (await gunzip(gz)) as Buffer;
  let since = performance.now();
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const until = end < 0 ? bytes.length : end;
    reader.line(bytes.toString('utf8', at, until));
    at = until + 1;
    if (performance.now() - since > sliceMs) {
      await nextTurn();
      since = performance.now();
    }
  }
  return reader.done();
}
