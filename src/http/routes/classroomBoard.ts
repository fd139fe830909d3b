import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { pageAt } from '../../domain/board/index.ts';
import { imagesOn, pageToSvg } from '../../domain/board/svg.ts';
import { durationOf, secondsOf } from '../../domain/room/index.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { jsonOfBoard } from './boardJson.ts';
import { insiders, roomModels, sessions, type ClassroomKit } from './classroomDeps.ts';
import { nothing, roomAnswer, snapshotView, titleField, viewOfSnapshot } from './classroomView.ts';
import { given, idField, idParams } from './fields.ts';

const text = (max: number) => z.string().max(max);
const versionField = z.coerce.number().int().min(0).max(1_000_000_000);
const versionParams = z.strictObject({ id: idField, version: versionField });
const pageField = z.string().max(64).regex(/^[A-Za-z0-9_-]{1,64}$/, 'a page of the board');
const common = { tag: 'Lesson rooms' } as const;
const query = { ...common, kind: 'query', method: 'get', access: 'authenticated', roomToken: true } as const;
const command = { ...common, kind: 'command', method: 'post', access: insiders, roomToken: true } as const;

const snapshotKey = z.tuple([z.int().min(0), z.string().max(200)]);
const boardSchema = z.looseObject({ format: z.literal('lectern.board'), schemaVersion: z.int(), version: z.int(), pages: z.array(z.looseObject({ id: text(64) })).max(1_000) })
  .describe('Pages lowest first, each with its layers and its shapes in drawing order.');
const timedGroup = z.strictObject({
  version: z.int(), at: z.iso.datetime(), personId: text(200), clientId: text(64), seq: z.int(), gestureId: text(200), kind: z.enum(['ops', 'undo', 'redo']), undoes: text(200).optional(),
  ops: z.array(z.looseObject({ op: text(40) })).max(1_000), roomRevision: z.int(),
});
const stats = z.strictObject({
  totalSeconds: z.int(), pausedSeconds: z.int(), seatsTaken: z.int(), reconnects: z.int(),
  participants: z.array(z.strictObject({ personId: text(200), name: text(1_000), seconds: z.int(), reconnects: z.int() })).max(1_001).describe('Who ever had a seat.'),
  board: z.strictObject({ versions: z.int().describe('Op groups so far.'), shapes: z.int(), snapshots: z.int() }),
});

const unzip = promisify(gunzip);
/** A version never changes; whether one may see it does. */
const ofThisVersion = { 'Cache-Control': 'private, no-cache', Vary: 'Accept-Encoding' };
const fontFamily = 'DejaVu Sans';
/** A board of 100,000 shapes is read and folded from wherever it is kept, on a busy machine, and a picture of it may wait for others and then take its minute. */
const wholeBoardMs = 180_000;

/** The board over HTTP: as it is and was, kept versions, its ops for playback, pictures of it, copies. */
export function classroomBoardRoutes(kit: ClassroomKit): Route[] {
  const { commands, rooms, boards, images, rendering, clock, access, namesOf } = kit;
  /** Data URIs by hash, of those that the room has. */
  const inSvg = async (roomId: string, hashes: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const found = new Map<string, string>();
    for (const sha256 of hashes) {
      const image = (await images.roomsOf(sha256)).includes(roomId) ? await images.get(sha256) : undefined;
      if (image) found.set(sha256, await rendering.imageForSvg(image.bytes));
    }
    return found;
  };

  return [
    defineRoute({
      ...query, readModel: roomModels, path: `${sessions}/{id}/snapshots`, operationId: 'listSnapshots', summary: 'Kept versions of the board, newest first',
      request: { params: idParams, query: z.strictObject(pageQuery) },
      response: { status: 200, schema: pageSchema(snapshotView) },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom', 'invalidCursor'],
      handler: async ({ params, query: { limit, cursor }, actor }) => {
        await access.readable(params.id, actor);
        const rows = await rooms.snapshots(params.id, { before: decodeCursor(cursor, snapshotKey), limit: limit + 1 });
        const names = await namesOf(rows.flatMap(({ authorId }) => (authorId === '' ? [] : [authorId])));
        return { body: pageOf(rows, limit, ({ version, snapshotId }) => [version, snapshotId], (row) => viewOfSnapshot(row, names)) };
      },
    }),
    defineRoute({
      ...query, path: `${sessions}/{id}/snapshots/{version}`, operationId: 'readSnapshot', summary: 'A kept board, as clients load it',
      description: 'Lines of JSON: a header, the pages, then arrays of shapes. The ETag is the hash of what is stored (gzip).',
      request: { params: versionParams },
      response: { status: 200, schema: text(500_000_000).meta({ format: 'binary' }), contentType: 'text/plain; charset=utf-8' },
      otherResponses: [{ status: 304, description: 'Unchanged.' }],
      problems: ['roomNotFound', 'kickedOut', 'notInRoom', 'snapshotNotFound'],
      handler: async ({ params, actor, headers }) => {
        await access.readable(params.id, actor);
        const kept = await boards.snapshotBlob(params.id, params.version);
        if (!kept) throw refusal('snapshotNotFound', 'No board is kept of that version.');
        const known = { ETag: `"${kept.facts.sha256}"`, ...ofThisVersion };
        if (headers['if-none-match']?.includes(known.ETag)) return { status: 304, headers: known };
        if (/\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))) return { body: kept.doc as unknown as string, headers: { ...known, 'Content-Encoding': 'gzip' } };
        return { body: (await unzip(kept.doc)) as unknown as string, headers: known };
      },
    }),
    defineRoute({
      ...command, path: `${sessions}/{id}/snapshots/{version}/restore`, operationId: 'restoreBoard', answerWithinMs: wholeBoardMs, summary: 'Make the board what it was at a version',
      description: 'Of any version, kept or not; by who has the permission restore, and by admins without a seat. History stays: the restore is a version of its own. Undone by restoring the version before it.',
      request: { params: versionParams, body: nothing },
      response: { status: 200, schema: roomAnswer.extend({ version: z.int().describe('Of the board now.') }) },
      problems: ['roomNotFound', 'roomEnded', 'roomPaused', 'roomNotStarted', 'notInRoom', 'boardVersionNotFound', 'roomUnavailable', 'contended'],
      handler: async ({ params, command: ctx }) => ({ body: await commands.restore(params.id, params.version, ctx) }),
    }),
    defineRoute({
      ...command, path: `${sessions}/{id}/save`, operationId: 'saveBoard', answerWithinMs: wholeBoardMs, summary: 'Keep the board as it is now',
      request: { params: idParams, body: nothing },
      response: { status: 200, schema: roomAnswer.extend({ version: z.int(), sha256: text(64), bytes: z.int(), shapes: z.int() }) },
      problems: ['roomNotFound', 'roomEnded', 'notInRoom', 'roomUnavailable', 'contended'],
      handler: async ({ params, command: ctx }) => ({ body: await commands.save(params.id, ctx) }),
    }),
    defineRoute({
      ...command, path: `${sessions}/{id}/fork`, operationId: 'forkRoom', answerWithinMs: wholeBoardMs, summary: 'A new room with this board as it is or was', access: insiders, roomToken: false,
      description: 'Hosted by whoever asks; needs the permission export.',
      request: { params: idParams, body: z.strictObject({ version: z.int().min(0).max(1_000_000_000).optional().describe('Default: now.'), type: z.enum(['solo', 'group']).default('solo'), title: titleField.optional() }).default({ type: 'solo' }) },
      response: { status: 201, schema: roomAnswer },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom', 'boardVersionNotFound', 'boardNotEmpty', 'invalidRoom', 'roomUnavailable'],
      handler: async ({ params, body, actor, command: ctx }) => {
        await access.mustExport(params.id, actor);
        const version = body.version ?? (await boards.versionOf(params.id));
        const answer = await commands.fork({ roomId: params.id, version, type: body.type, ...given({ title: body.title }) }, ctx);
        return { body: answer, headers: { Location: `/api/v1${sessions}/${encodeURIComponent(answer.id)}` } };
      },
    }),
    defineRoute({
      ...query, readModel: roomModels, path: `${sessions}/{id}/board`, operationId: 'readBoard', answerWithinMs: wholeBoardMs, summary: 'The board as it is, or was at a version',
      request: { params: idParams, query: z.strictObject({ version: versionField.optional() }) },
      response: { status: 200, schema: boardSchema, contentType: 'application/json' },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom', 'boardVersionNotFound'],
      handler: async ({ params, query: { version }, actor }) => {
        await access.readable(params.id, actor);
        const board = await boards.boardAt(params.id, version);
        return { body: (await jsonOfBoard(board.version, board.doc)) as never, headers: { 'Board-Version': String(board.version) } };
      },
    }),
    defineRoute({
      ...query, readModel: roomModels, path: `${sessions}/{id}/ops`, operationId: 'listOps', summary: 'What was drawn, group by group, each with its time',
      description: 'For playback. `from` is the version before the first group.',
      request: { params: idParams, query: z.strictObject({ from: versionField.default(0), limit: z.coerce.number().int().min(1).max(1_000).default(200) }) },
      response: { status: 200, schema: z.strictObject({ from: z.int(), groups: z.array(timedGroup).max(1_000), next: z.int().nullable().describe('`from` of what follows; null at the end, for now.') }) },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom'],
      handler: async ({ params, query: { from, limit }, actor }) => {
        await access.readable(params.id, actor);
        const groups = await boards.opsFrom(params.id, from, limit);
        return { body: { from, groups: groups.map(({ ops, ...group }) => ({ ...group, ops: [...ops] })), next: groups.length === limit ? (groups.at(-1)?.version ?? null) : null } };
      },
    }),
    defineRoute({
      ...query, readModel: roomModels, path: `${sessions}/{id}/export`, operationId: 'exportBoard', answerWithinMs: wholeBoardMs, summary: 'The board as JSON, or a page of it as a picture',
      description: 'Needs the permission export. Pictures show the visible layers of one page.',
      request: { params: idParams, query: z.strictObject({ format: z.enum(['json', 'svg', 'png']).default('json'), page: pageField.optional().describe('Of svg and png; default: the lowest.'), version: versionField.optional() }) },
      response: { status: 200, schema: z.union([boardSchema, text(500_000_000).meta({ format: 'binary' })]), contentType: 'application/json', otherContentTypes: ['image/svg+xml', 'image/png'] },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom', 'boardVersionNotFound', 'pageNotFound', 'exportTooLarge'],
      handler: async ({ params, query: { format, page, version }, actor }) => {
        await access.mustExport(params.id, actor);
        const board = await boards.boardAt(params.id, version);
        const file = (ending: string) => ({ 'Content-Disposition': `attachment; filename="board-${board.version}.${ending}"` });
        if (format === 'json') return { body: await jsonOfBoard(board.version, board.doc), headers: file('json') };
        const pageId = page ?? board.doc.pages[0]?.id ?? '';
        if (!pageAt(board.doc, pageId)) throw refusal('pageNotFound', 'The board has no such page.');
        const shown = await inSvg(params.id, imagesOn(board.doc));
        const svg = pageToSvg(board.doc, pageId, { images: (sha256) => shown.get(sha256), fontFamily });
        // What people drew is never to run as a page of ours.
        if (format === 'svg') return { body: svg, headers: { 'Content-Type': 'image/svg+xml', 'Content-Security-Policy': 'sandbox', ...file('svg') } };
        return { body: (await rendering.png(svg)) as unknown as string, headers: { 'Content-Type': 'image/png', ...file('png') } };
      },
    }),
    defineRoute({
      ...query, readModel: roomModels, path: `${sessions}/{id}/stats`, operationId: 'readRoomStats', summary: 'How long, who for how long, and how much was drawn',
      request: { params: idParams },
      response: { status: 200, schema: stats },
      problems: ['roomNotFound', 'kickedOut', 'notInRoom'],
      handler: async ({ params, actor }) => {
        const found = await access.readable(params.id, actor);
        const now = clock.now().toISOString();
        const came = Object.values(found.people).filter(({ joinedAt }) => joinedAt !== null);
        const [names, counts, board] = await Promise.all([namesOf(came.map(({ personId }) => personId)), rooms.snapshotCounts(params.id), boards.boardAt(params.id)]);
        return {
          body: {
            ...durationOf(found.room, now), seatsTaken: found.room.seats, reconnects: came.reduce((sum, { reconnects }) => sum + reconnects, 0),
            participants: came.map((one) => ({ personId: one.personId, name: names.get(one.personId) ?? '', seconds: secondsOf(one, now), reconnects: one.reconnects })),
            board: { versions: board.version, shapes: board.doc.shapes.size, snapshots: counts.snapshots },
          },
          revision: found.revision,
        };
      },
    }),
  ];
}
