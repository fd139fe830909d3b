import { layerKey, type Board, type BoardDoc, type BoardMemory, type Change, type Entry, type PageOnBoard, type Remembered, type Stamps } from './state.ts';
import { emptyMap, entries, put, type PersistentMap } from './persistentMap.ts';
import { jsonOf, type KeptShape } from './keptShape.ts';
import type { Shape } from './shapes.ts';
import { smallMapOf } from './smallMap.ts';
import { emptyStack, listed, stackOf } from './stack.ts';

/*
 * A board as text, line by line, so that neither writing nor reading 100,000 shapes ever takes the event loop for long: whoever drives it
 * stops after any line. The doc is for clients too, the memory for servers only, so they are two texts of one version.
 *   doc      {"format":"lectern.board","schemaVersion":1,"version":n,"shapes":n,"pages":n} · one line of pages · arrays of shapes
 *   memory   {"format":"lectern.boardMemory",…,"lines":n,"places":[[person, at, [[clientId, seq], …]], …]} · then lines of [kind, …]: p(erson), s(tamps)
 * The places are all that letting somebody in takes: there in the first line, so that nobody waits for steps that might be undone. Of very
 * many clients they are left out: that line is read in one piece, and then the whole text is read in its many lines.
 */

export const snapshotSchemaVersion = 1;
const mostShapesOfLine = 500;
/** Of text; a line with more is closed, so that long strokes do not make long lines. */
const mostUnitsOfLine = 100_000;

const mostPlaces = 4_000;

/** Fed one line at a time, in order, without its line break. @throws Error when the lines are not such a text, or not all of it */
export type LineReader<Result> = { line(text: string): void; done(): Result };

/** Each with its line break. Shapes come in no order that means anything, but the same doc is always the same text. */
export function* docLines(version: number, doc: BoardDoc): Generator<string> {
  yield line({ format: 'lectern.board', schemaVersion: snapshotSchemaVersion, version, shapes: doc.shapes.size, pages: doc.pages.length });
  yield line(doc.pages);
  let batch: string[] = [];
  let units = 0;
  for (const [, kept] of entries(doc.shapes)) {
    const shape = jsonOf(kept);
    batch.push(shape);
    units += shape.length;
    if (batch.length < mostShapesOfLine && units < mostUnitsOfLine) continue;
    yield `[${batch.join(',')}]\n`;
    batch = [];
    units = 0;
  }
  if (batch.length > 0) yield `[${batch.join(',')}]\n`;
}

/** @param keep how a shape is kept: as it is for clients, `asText` on a server */
export function docReader(keep: (shape: Shape) => KeptShape = (shape) => shape): LineReader<{ version: number; doc: BoardDoc }> {
  let header: { version: number; shapes: number; pages: number } | undefined;
  let pages: readonly PageOnBoard[] | undefined;
  let shapes = emptyMap<KeptShape>();
  const onLayer = new Map<string, PersistentMap<true>>();
  const owner = {};
  return {
    line(text) {
      if (!header) header = headerOf(text, 'lectern.board') as typeof header;
      else if (!pages) pages = JSON.parse(text) as PageOnBoard[];
      else {
        for (const shape of JSON.parse(text) as Shape[]) {
          shapes = put(shapes, shape.id, keep(shape), owner);
          const key = layerKey(shape.page, shape.layer);
          onLayer.set(key, put(onLayer.get(key) ?? emptyMap<true>(), shape.id, true, owner));
        }
      }
    },
    done() {
      if (!header || pages?.length !== header.pages || shapes.size !== header.shapes || header.pages === 0) throw new Error('not a whole snapshot of a board');
      let byLayer = emptyMap<PersistentMap<true>>();
      for (const [key, ids] of onLayer) byLayer = put(byLayer, key, ids, owner);
      return { version: header.version, doc: { pages, shapes, onLayer: byLayer } };
    },
  };
}

/** Each with its line break. */
export function* memoryLines(version: number, memory: BoardMemory): Generator<string> {
  const { people, stamps, stampsFrom } = memory;
  const stampLines = Math.ceil(stamps.size / mostShapesOfLine);
  const clientsInAll = [...entries(people)].reduce((sum, [, { clients }]) => sum + clients.length, 0);
  const places = clientsInAll > mostPlaces ? undefined : [...entries(people)].map(([person, { at, clients }]): Place => [person, at, clients.map(({ clientId, seq }) => [clientId, seq])]);
  yield line({ format: 'lectern.boardMemory', schemaVersion: snapshotSchemaVersion, version, stampsFrom, lines: people.size + stampLines, places });
  for (const [person, { at, clients, undo, redo }] of entries(people)) yield line(['p', person, at, clients.map(({ clientId, seq }) => [clientId, seq]), listed(undo).map(writtenEntry), listed(redo).map(writtenEntry)]);
  let batch: unknown[] = [];
  for (const [target, stamp] of entries(stamps)) {
    batch.push([target, Object.entries(stamp).map(([field, { by, at, othersAt }]) => [field, by, at, othersAt])]);
    if (batch.length < mostShapesOfLine) continue;
    yield line(['s', batch]);
    batch = [];
  }
  if (batch.length > 0) yield line(['s', batch]);
}

export function memoryReader(): LineReader<{ version: number; memory: BoardMemory }> {
  let header: { version: number; stampsFrom: number; lines: number } | undefined;
  let lines = 0;
  const owner = {};
  let people: BoardMemory['people'] = emptyMap();
  let stamps: BoardMemory['stamps'] = emptyMap();
  return {
    line(text) {
      if (!header) {
        header = headerOf(text, 'lectern.boardMemory') as typeof header;
        return;
      }
      lines += 1;
      const [kind, ...rest] = JSON.parse(text) as [string, ...unknown[]];
      switch (kind) {
        case 'p': {
          const [person, at, clients, ...stacks] = rest as [string, number, [string, number][], WrittenEntry[], WrittenEntry[]];
          const [undo, redo] = [stacks[0].map(readEntry), stacks[1].map(readEntry)];
          const bytes = [...undo, ...redo].reduce((sum, entry) => sum + entry.bytes, 0);
          people = put(people, person, { at, clients: clients.map(([clientId, seq]) => ({ clientId, seq })), undo: stackOf(undo), redo: stackOf(redo), bytes }, owner);
          return;
        }
        case 's':
          for (const [target, written] of rest[0] as [string, [string, string, number, number][]][]) {
            const stamp: Stamps = Object.fromEntries(written.map(([field, by, fieldAt, othersAt]) => [field, { by, at: fieldAt, othersAt }]));
            stamps = put(stamps, target, stamp, owner);
          }
          return;
        default: // of a later release
          return;
      }
    },
    done() {
      if (!header || lines !== header.lines) throw new Error('not a whole memory of a board');
      return { version: header.version, memory: { people, stamps, stampsFrom: header.stampsFrom } };
    },
  };
}

/**
 * The clients' places from the first line of a memory: without anything that could be undone. Undefined: there are too many, or an earlier
 * release wrote it; the whole of it has to be read. @throws Error when it is no such line
 */
export function placesIn(firstLine: string): BoardMemory | undefined {
  const { places, stampsFrom } = headerOf(firstLine, 'lectern.boardMemory') as { places?: Place[]; stampsFrom: number };
  if (!places) return undefined;
  const owner = {};
  const people = places.reduce((all, [person, at, clients]) => put(all, person, { at, clients: clients.map(([clientId, seq]) => ({ clientId, seq })), undo: emptyStack(), redo: emptyStack(), bytes: 0 }, owner), emptyMap<Remembered>());
  return { people, stamps: emptyMap(), stampsFrom };
}

type Place = [person: string, at: number, clients: [clientId: string, seq: number][]];

/** The board of a doc and a memory that were written at one version. Without memory (it was lost) nothing from before can be undone, and retries rely on `heard`. */
export function boardOf(doc: { version: number; doc: BoardDoc }, memory: { version: number; memory: BoardMemory }): Board {
  if (doc.version !== memory.version) throw new Error(`a doc of version ${doc.version} and a memory of version ${memory.version}`);
  return { version: doc.version, doc: doc.doc, memory: memory.memory };
}

type WrittenEntry = { g: string; u?: string; v: number; b: number; c: [string, Change | { kind: 'changed'; fields: [string, number, ...unknown[]][] }][] | null };

/** Maps become lists; an absent value has no third item, for JSON has no undefined. */
const writtenEntry = ({ gestureId, undoneBy, before, bytes, changes }: Entry): WrittenEntry => ({
  g: gestureId, ...(undoneBy === undefined ? {} : { u: undoneBy }), v: before, b: bytes,
  c: changes === undefined ? null : [...changes].map(([target, change]) => [target, change.kind === 'changed'
    ? { kind: 'changed' as const, fields: [...change.fields].map(([field, { was, at }]): [string, number, ...unknown[]] => [field, at, ...(was === undefined ? [] : [was])]) }
    : change]),
});

const readEntry = ({ g, u, v, b, c }: WrittenEntry): Entry => ({
  gestureId: g, ...(u === undefined ? {} : { undoneBy: u }), before: v, bytes: b,
  changes: c === null ? undefined : smallMapOf(c.map(([target, change]): [string, Change] => [target, change.kind === 'changed'
    ? { kind: 'changed', fields: new Map([...change.fields].map((written) => { const [field, at, was] = written as [string, number, unknown]; return [field, { was, at }]; })) }
    : change])),
});

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

function headerOf(text: string, format: string): unknown {
  const header = JSON.parse(text) as { format?: unknown; schemaVersion?: unknown; version?: unknown };
  if (header.format !== format) throw new Error(`not a ${format}`);
  if (header.schemaVersion !== snapshotSchemaVersion) throw new Error(`a ${format} of schema version ${String(header.schemaVersion)}`);
  return header;
}
