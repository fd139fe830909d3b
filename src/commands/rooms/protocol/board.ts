import { z } from 'zod';
import { op } from '../../../domain/board/ops.ts';
import { clientChosenId, clientId, errorMessage, instant, message, personId } from './envelope.ts';

/** Ids of one's own groups: from 1, without gaps, per (person, clientId). */
const seq = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
const version = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const coordinate = z.number().min(-1e7).max(1e7);
const page = clientChosenId;
/** Flat x, y, pressure, dt of a stroke in progress, on the ephemeral lane. */
const points = z.array(coordinate).max(2_048);

/* ---- client → server ---- */

/** The first message. `lastVersion`: what the client has confirmed (0: nothing). `ackedSeq`: the highest of its own groups that it was told of (acknowledged, rejected or no-op). */
export const hello = message('hello', z.object({ clientId, lastVersion: version, ackedSeq: z.int().min(0).default(0) }));
/** One atomic group. Answered by `ack` (its seq ≤ upTo), by `rejected` in it, or after a reconnect by `welcome.lastSeq`. */
export const ops = message('ops', z.object({ seq, gestureId: clientChosenId, ops: z.array(op).min(1).max(500) }));
/** Takes back one's own last gesture, or the one named; takes a seq like a group does. The resulting ops come back in `ops`, in full. */
export const undo = message('undo', z.object({ seq, gestureId: clientChosenId.optional() }));
export const redo = message('redo', z.object({ seq, gestureId: clientChosenId.optional() }));
/** Ephemeral: never stored, dropped before anything else is. `editing`: the shape whose text this person is editing. */
export const pointer = message('pointer', z.object({ page, x: coordinate, y: coordinate, editing: clientChosenId.optional() }));
export const stroke = message('stroke', z.object({ page, id: clientChosenId, from: z.int().min(0).max(20_000).describe('Index of the first point sent here.'), points, style: z.record(z.string().max(20), z.union([z.string().max(40), z.number()])).optional(), x: coordinate.optional(), y: coordinate.optional() }));
export const laser = message('laser', z.object({ page, points }));
/** Asks for everything after `lastVersion` again, e.g. after a `reset` or a doubt. */
export const sync = message('sync', z.object({ lastVersion: version }));

export const boardFromClient = z.discriminatedUnion('t', [hello, ops, undo, redo, pointer, stroke, laser, sync]);
export type BoardFromClient = z.output<typeof boardFromClient>;

/* ---- server → client ---- */

/** A group of somebody else, or of an undo. */
export const othersGroup = z.object({
  version, personId, clientId: clientChosenId, seq, gestureId: clientChosenId, kind: z.enum(['ops', 'undo', 'redo']), undoes: clientChosenId.optional(), ops: z.array(z.looseObject({ op: z.string() })),
});
/** One's own group: the client has it, and only hears its place. */
export const ownGroup = z.object({ version, clientId: clientChosenId, seq });
export type OthersGroup = z.output<typeof othersGroup>;
export type OwnGroup = z.output<typeof ownGroup>;

/** In order, without gaps: `from` is the version before the first group. Confirmed is the fold of exactly these. */
export const opsFrame = message('ops', z.object({ from: version, groups: z.array(z.union([othersGroup, ownGroup])) }));
/** Durable: every group of this client with a seq ≤ upTo is in the log, or did nothing (`noop`), or was refused (`rejected`). `version` of the board then. */
export const ack = message('ack', z.object({ upTo: seq, version, noop: z.array(seq).optional(), rejected: z.array(z.object({ seq, code: z.string().max(60) })).optional() }));
export const welcome = message('welcome', z.object({
  version, lastSeq: z.int().min(0),
  you: z.object({ personId, clientId: clientChosenId, connectionId: z.string().max(64), role: z.string().max(20) }),
  room: z.looseObject({ id: z.string().max(200), status: z.string().max(20), type: z.string().max(20), revision: z.int(), hostId: personId.nullable() }),
  serverTime: instant,
  permissions: z.record(z.string(), z.union([z.boolean(), z.string()])),
  limits: z.record(z.string(), z.number()),
  /** Fetch this first (its version is `snapshotVersion`); the `ops` that follow continue from there. */
  snapshotUrl: z.string().max(500).optional(), snapshotVersion: version.optional(),
}));
/** Of the others in the room, at most every 33 ms, only what changed. `gone`: this client left. */
export const presence = message('presence', z.object({
  people: z.array(z.object({
    personId, clientId: clientChosenId, gone: z.literal(true).optional(),
    pointer: z.object({ page, x: coordinate, y: coordinate, editing: clientChosenId.optional() }).optional(),
    strokes: z.array(stroke.shape.d).optional(), laser: laser.shape.d.optional(),
  })),
}));
/** True: groups wait, for a log that does not answer or a restored board; show "not saved". */
export const saving = message('saving', z.object({ saving: z.boolean(), since: instant.optional() }));
/** Forget the confirmed board; load this one. Pending groups stay pending. */
export const reset = message('reset', z.object({ version, snapshotUrl: z.string().max(500), snapshotVersion: version }));

export const boardFromServer = z.discriminatedUnion('t', [welcome, opsFrame, ack, presence, saving, reset, errorMessage]);
export type BoardFromServer = z.output<typeof boardFromServer>;
