/**
 * A stack that never changes for whoever holds it. To push, to drop the oldest and to put another item in the newest's place costs one small
 * object each, however much is on it; whatever else is rare, and goes through `listed` and `stackOf`.
 *
 * What is below the newest is in chunks, which stacks share. A chunk is only ever written behind all that any stack sees of it; when that
 * place is taken (two were pushed onto one and the same stack), the chunk is copied. The list of chunks is never written.
 * What was dropped is let go of chunk by chunk.
 *
 * Whether a gesture is on it is asked at every group, and mostly it is not. So each item has a small number beside it that says which it
 * cannot be: to look at a hundred gestures and their ids, all over the heap, took longer than all else that is remembered.
 */
export type Stack<Item extends OfGesture> = {
  /** Undefined: it is empty. */
  readonly newest: Item | undefined;
  /** Oldest first; the first sees nothing before `from`, the last may hold what is other stacks' only. */
  readonly chunks: readonly Chunk<Item>[];
  readonly from: number;
  readonly size: number;
};
type OfGesture = { readonly gestureId: string };
type Chunk<Item> = { readonly items: Item[]; readonly marks: number[] };

const bitsOfChunk = 4;
const mostOfChunk = 1 << bitsOfChunk;

const none: Stack<never> = { newest: undefined, chunks: [], from: 0, size: 0 };
export const emptyStack = <Item extends OfGesture>(): Stack<Item> => none;

/** @param items oldest first */
export function stackOf<Item extends OfGesture>(items: readonly Item[]): Stack<Item> {
  if (items.length === 0) return none;
  const below = items.slice(0, -1);
  const chunks: Chunk<Item>[] = [];
  for (let from = 0; from < below.length; from += mostOfChunk) chunks.push(chunkOf(below.slice(from, from + mostOfChunk)));
  return { newest: items.at(-1), chunks, from: 0, size: items.length };
}

/** Oldest first. */
export function listed<Item extends OfGesture>(stack: Stack<Item>): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < stack.size; at += 1) items.push(itemAt(stack, at));
  return items;
}

/** @param at from the oldest on; must be one of the stack's */
export function itemAt<Item extends OfGesture>({ newest, chunks, from, size }: Stack<Item>, at: number): Item {
  const place = from + at;
  return (at === size - 1 ? newest : chunks[place >> bitsOfChunk]?.items[place & (mostOfChunk - 1)]) as Item;
}

/** Where the gesture is, from the oldest on; the last, if it is there more than once. -1: nowhere. */
export function placeOf<Item extends OfGesture>({ newest, chunks, from, size }: Stack<Item>, gestureId: string): number {
  if (newest?.gestureId === gestureId) return size - 1;
  const mark = markOf(gestureId);
  let place = from + size - 2;
  while (place >= from) {
    const chunk = chunks[place >> bitsOfChunk];
    const first = Math.max(from, place & -mostOfChunk);
    for (; place >= first; place -= 1) {
      const at = place & (mostOfChunk - 1);
      if (chunk?.marks[at] === mark && chunk.items[at]?.gestureId === gestureId) return place - from;
    }
  }
  return -1;
}

export function pushed<Item extends OfGesture>({ newest, chunks, from, size }: Stack<Item>, item: Item): Stack<Item> {
  return newest === undefined ? { newest: item, chunks, from, size: 1 } : { newest: item, chunks: withItemAt(chunks, from + size - 1, newest), from, size: size + 1 };
}

/** The stack must not be empty. */
export const withNewest = <Item extends OfGesture>({ chunks, from, size }: Stack<Item>, newest: Item): Stack<Item> => ({ newest, chunks, from, size });

/** @param count fewer than are on it */
export function withoutOldest<Item extends OfGesture>({ newest, chunks, from, size }: Stack<Item>, count: number): Stack<Item> {
  const gone = (from + count) >> bitsOfChunk;
  return { newest, chunks: gone === 0 ? chunks : chunks.slice(gone), from: (from + count) & (mostOfChunk - 1), size: size - count };
}

/** @param place right behind the last one that is seen of the chunks */
function withItemAt<Item extends OfGesture>(chunks: readonly Chunk<Item>[], place: number, item: Item): readonly Chunk<Item>[] {
  const chunk = chunks[place >> bitsOfChunk];
  if (chunk === undefined) return chunks.concat([chunkOf([item])]);
  const at = place & (mostOfChunk - 1);
  if (at < chunk.items.length) return chunks.with(place >> bitsOfChunk, chunkOf(chunk.items.slice(0, at).concat([item])));
  chunk.items.push(item);
  chunk.marks.push(markOf(item.gestureId));
  return chunks;
}

const chunkOf = <Item extends OfGesture>(items: Item[]): Chunk<Item> => ({ items, marks: items.map(({ gestureId }) => markOf(gestureId)) });

/** Of ids that somebody made up or counted, the last characters differ. Same ids have the same. */
function markOf(gestureId: string): number {
  let mark = 0;
  for (let i = Math.max(0, gestureId.length - 5); i < gestureId.length; i += 1) mark = ((mark << 6) ^ gestureId.charCodeAt(i)) & 0x3fffffff;
  return mark;
}
