/**
 * A stack that never changes for whoever holds it. To push, to drop the oldest and to put another item in the newest's place costs one small
 * object each, however much is on it; whatever else is rare, and goes through `listed` and `stackOf`.
 *
 * What is below the newest is in chunks, which stacks share. A chunk is only ever written behind all that any stack sees of it; when that
 * place is taken (two were pushed onto one and the same stack), the chunk is copied. The list of chunks is never written.
 * What was dropped is let go of chunk by chunk.
 */
export type Stack<Item> = {
  /** Undefined: it is empty. */
  readonly newest: Item | undefined;
  /** Oldest first; the first sees nothing before `from`, the last may hold what is other stacks' only. */
  readonly chunks: readonly Item[][];
  readonly from: number;
  readonly size: number;
};

const bitsOfChunk = 4;
const mostOfChunk = 1 << bitsOfChunk;

const none: Stack<never> = { newest: undefined, chunks: [], from: 0, size: 0 };
export const emptyStack = <Item>(): Stack<Item> => none;

/** @param items oldest first */
export function stackOf<Item>(items: readonly Item[]): Stack<Item> {
  if (items.length === 0) return none;
  const chunks: Item[][] = [];
  for (let from = 0; from < items.length - 1; from += mostOfChunk) chunks.push(items.slice(from, Math.min(from + mostOfChunk, items.length - 1)));
  return { newest: items.at(-1), chunks, from: 0, size: items.length };
}

/** Oldest first. */
export function listed<Item>(stack: Stack<Item>): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < stack.size; at += 1) items.push(itemAt(stack, at));
  return items;
}

/** @param at from the oldest on; must be one of the stack's */
export function itemAt<Item>({ newest, chunks, from, size }: Stack<Item>, at: number): Item {
  const place = from + at;
  return (at === size - 1 ? newest : chunks[place >> bitsOfChunk]?.[place & (mostOfChunk - 1)]) as Item;
}

export function pushed<Item>({ newest, chunks, from, size }: Stack<Item>, item: Item): Stack<Item> {
  return size === 0 ? { newest: item, chunks, from, size: 1 } : { newest: item, chunks: withItemAt(chunks, from + size - 1, newest as Item), from, size: size + 1 };
}

/** The stack must not be empty. */
export const withNewest = <Item>({ chunks, from, size }: Stack<Item>, newest: Item): Stack<Item> => ({ newest, chunks, from, size });

/** @param count fewer than are on it */
export function withoutOldest<Item>({ newest, chunks, from, size }: Stack<Item>, count: number): Stack<Item> {
  const gone = (from + count) >> bitsOfChunk;
  return { newest, chunks: gone === 0 ? chunks : chunks.slice(gone), from: (from + count) & (mostOfChunk - 1), size: size - count };
}

/** @param place right behind the last one that is seen of the chunks */
function withItemAt<Item>(chunks: readonly Item[][], place: number, item: Item): readonly Item[][] {
  const chunk = chunks[place >> bitsOfChunk];
  if (chunk === undefined) return chunks.concat([[item]]);
  const at = place & (mostOfChunk - 1);
  if (at < chunk.length) return chunks.with(place >> bitsOfChunk, chunk.slice(0, at).concat([item]));
  chunk.push(item);
  return chunks;
}
