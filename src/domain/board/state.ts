import type { KeptShape } from './keptShape.ts';
import { emptyMap, type PersistentMap } from './persistentMap.ts';
import type { Layer, Page, Shape } from './shapes.ts';
import type { SmallMap } from './smallMap.ts';
import type { Stack } from './stack.ts';

/** A page with its layers, lowest first. There is at least one. */
export type PageOnBoard = Page & { readonly layers: readonly Layer[] };

/** What is to be seen. Never changed in place (but for its owner, see `BoardOwners`): two versions share what did not change between them. */
export type BoardDoc = {
  /** Lowest z first, ties by id. At least one. */
  readonly pages: readonly PageOnBoard[];
  /** Read them with look.ts. */
  readonly shapes: PersistentMap<KeptShape>;
  /** layerKey → ids of the shapes on that layer, so that clearing and rendering a page costs what is on it. No empty ones. */
  readonly onLayer: PersistentMap<PersistentMap<true>>;
};

/** Ids have no slash. */
export const layerKey = (page: string, layer: string): string => `${page}/${layer}`;

/** What undo needs, and what makes a retry harmless. Not for clients. Bounded: see memory.ts. */
export type BoardMemory = {
  readonly people: PersistentMap<Remembered>;
  /** Target → what was changed by somebody other than its author, and who did; kept for deleted shapes too. */
  readonly stamps: PersistentMap<Stamps>;
  /** Stamps from before this version were forgotten: what somebody did before it can no longer be taken back. */
  readonly stampsFrom: number;
};

/** Of one person. */
export type Remembered = {
  /** The board's version at their last group. */
  readonly at: number;
  /** The last sequence taken in from each of their clients; the one that wrote last is last. */
  readonly clients: readonly { readonly clientId: string; readonly seq: number }[];
  /** What they can take back, and bring back. */
  readonly undo: Stack<Entry>;
  readonly redo: Stack<Entry>;
  /** Of both together. */
  readonly bytes: number;
};

/** A gesture, as what it changed. */
export type Entry = {
  readonly gestureId: string;
  /** Of an entry to redo: the gesture that took it back. Taking that back is a redo. */
  readonly undoneBy?: string;
  /** The board's version before its first group: what a restore brings back when the gesture is too large to be undone. */
  readonly before: number;
  /** By target. Undefined: too large to be kept, or a restore. */
  readonly changes: SmallMap<Change> | undefined;
  /** About what the ops that take it back weigh as JSON. */
  readonly bytes: number;
};

/** `at`: the version at which the gesture did it last; what others did since then stays. */
export type Change =
  | { readonly kind: 'added'; readonly at: number }
  | { readonly kind: 'removed'; readonly at: number; readonly was: Shape | Page | Layer }
  /** Removed, and another shape was added under the same id. */
  | { readonly kind: 'replaced'; readonly at: number; readonly was: Shape }
  /** Field → what it was; undefined: absent. */
  | { readonly kind: 'changed'; readonly fields: ReadonlyMap<string, { readonly was: unknown; readonly at: number }> };

/** Field (`*`: the thing as a whole, came or went) → the last who changed it, and when somebody else did before. */
export type Stamps = Readonly<Record<string, Stamp>>;
export type Stamp = { readonly by: string; readonly at: number; readonly othersAt: number };

export type Board = {
  /** Groups so far: the stream's revision + 1. */
  readonly version: number;
  readonly doc: BoardDoc;
  readonly memory: BoardMemory;
};

export const firstPage = 'page-1';
export const firstLayer = 'layer-1';
/** The z of the first thing of its kind: fractionalIndex.zBetween(null, null). */
export const firstZ = 'a0';

export const layerOfNewPage = (page: string): Layer => ({ id: firstLayer, page, name: 'Layer 1', z: firstZ, visible: true, locked: false });

export const emptyDoc: BoardDoc = {
  pages: [{ id: firstPage, title: 'Page 1', z: firstZ, layers: [layerOfNewPage(firstPage)] }],
  shapes: emptyMap(),
  onLayer: emptyMap(),
};

export const emptyBoard: Board = { version: 0, doc: emptyDoc, memory: { people: emptyMap(), stamps: emptyMap(), stampsFrom: 0 } };
