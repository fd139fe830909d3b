/**
 * A map with text keys that is never changed in place: `put` and `drop` answer a new one and share almost all of it with the old (a hash
 * array mapped trie, 32 ways). With an `owner` (any fresh object), nodes that this owner made are written in place, so that a long fold
 * pays for few copies; whoever hands a map on forgets its owner, and from then on nobody can write to it.
 * Iteration is in the order of the keys' hashes: the same for the same keys, however they came.
 */
export type PersistentMap<Value> = { readonly root: Node<Value>; readonly size: number };
export type Owner = object;

type Leaf<Value> = { readonly key: string; readonly hash: number; readonly value: Value };
/** Leaves whose hashes are the same in all 32 bits, by key. */
type Collision<Value> = { readonly hash: number; readonly same: readonly Leaf<Value>[] };
/** Bit n of `bits` is set when way n is taken; `slots` holds the taken ways in order. */
type Node<Value> = { bits: number; slots: Slot<Value>[]; readonly owner: Owner | undefined };
type Slot<Value> = Leaf<Value> | Collision<Value> | Node<Value>;

const none: PersistentMap<never> = { root: { bits: 0, slots: [], owner: undefined }, size: 0 };
export const emptyMap = <Value>(): PersistentMap<Value> => none;

/** FNV-1a over UTF-16 units, mixed so that the low bits differ too. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function ones(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const isNode = <Value>(slot: Slot<Value>): slot is Node<Value> => 'slots' in slot;
const isLeaf = <Value>(slot: Slot<Value>): slot is Leaf<Value> => 'key' in slot;

export function get<Value>(map: PersistentMap<Value>, key: string): Value | undefined {
  const hash = hashOf(key);
  let node = map.root;
  for (let shift = 0; ; shift += 5) {
    const bit = 1 << ((hash >>> shift) & 31);
    if ((node.bits & bit) === 0) return undefined;
    const slot = node.slots[ones(node.bits & (bit - 1))];
    if (slot === undefined) return undefined;
    if (isNode(slot)) node = slot;
    else if (isLeaf(slot)) return slot.key === key ? slot.value : undefined;
    else return slot.hash === hash ? slot.same.find((leaf) => leaf.key === key)?.value : undefined;
  }
}

/** The same map when this very value is there already. */
export function put<Value>(map: PersistentMap<Value>, key: string, value: Value, owner?: Owner): PersistentMap<Value> {
  const change = { grown: 0 };
  const root = putIn(map.root, 0, { key, hash: hashOf(key), value }, owner, change);
  return root === map.root && change.grown === 0 && owner === undefined ? map : { root, size: map.size + change.grown };
}

/** The same map when the key is not there. */
export function drop<Value>(map: PersistentMap<Value>, key: string, owner?: Owner): PersistentMap<Value> {
  const root = dropFrom(map.root, 0, hashOf(key), key, owner);
  return root === absent ? map : { root: root ?? none.root, size: map.size - 1 };
}

function withSlot<Value>(node: Node<Value>, at: number, slot: Slot<Value>, owner: Owner | undefined): Node<Value> {
  if (owner !== undefined && node.owner === owner) {
    node.slots[at] = slot;
    return node;
  }
  const slots = node.slots.slice();
  slots[at] = slot;
  return { bits: node.bits, slots, owner };
}

function putIn<Value>(node: Node<Value>, shift: number, leaf: Leaf<Value>, owner: Owner | undefined, change: { grown: number }): Node<Value> {
  const bit = 1 << ((leaf.hash >>> shift) & 31);
  const at = ones(node.bits & (bit - 1));
  const there = (node.bits & bit) === 0 ? undefined : node.slots[at];
  if (there === undefined) {
    change.grown = 1;
    const mine = owner !== undefined && node.owner === owner;
    const slots = mine ? node.slots : node.slots.slice();
    slots.splice(at, 0, leaf);
    if (!mine) return { bits: node.bits | bit, slots, owner };
    node.bits |= bit;
    return node;
  }
  if (isNode(there)) {
    const below = putIn(there, shift + 5, leaf, owner, change);
    return below === there ? node : withSlot(node, at, below, owner);
  }
  if (isLeaf(there) && there.key === leaf.key) return there.value === leaf.value ? node : withSlot(node, at, leaf, owner);
  if (there.hash === leaf.hash) {
    const others = isLeaf(there) ? [there] : there.same.filter(({ key }) => key !== leaf.key);
    if (isLeaf(there) || others.length === there.same.length) change.grown = 1;
    const same = [...others, leaf].sort((a, b) => (a.key < b.key ? -1 : 1));
    return withSlot(node, at, { hash: leaf.hash, same }, owner);
  }
  change.grown = 1;
  return withSlot(node, at, fork(there, leaf, shift + 5, owner), owner);
}

/** A node that holds two slots of different hashes. */
function fork<Value>(one: Leaf<Value> | Collision<Value>, other: Leaf<Value>, shift: number, owner: Owner | undefined): Node<Value> {
  const a = (one.hash >>> shift) & 31;
  const b = (other.hash >>> shift) & 31;
  if (a === b) return { bits: 1 << a, slots: [fork(one, other, shift + 5, owner)], owner };
  return { bits: (1 << a) | (1 << b), slots: a < b ? [one, other] : [other, one], owner };
}

const absent = Symbol('absent');

/** Undefined: nothing is left of the node. */
function dropFrom<Value>(node: Node<Value>, shift: number, hash: number, key: string, owner: Owner | undefined): Node<Value> | undefined | typeof absent {
  const bit = 1 << ((hash >>> shift) & 31);
  const at = ones(node.bits & (bit - 1));
  const there = (node.bits & bit) === 0 ? undefined : node.slots[at];
  if (there === undefined) return absent;
  let rest: Slot<Value> | undefined;
  if (isNode(there)) {
    const below = dropFrom(there, shift + 5, hash, key, owner);
    if (below === absent) return absent;
    // A node with one leaf is folded into its parent, so that the trie's form depends on the keys alone.
    const only = below?.slots.length === 1 ? below.slots[0] : undefined;
    rest = only !== undefined && !isNode(only) ? only : below;
  } else if (isLeaf(there)) {
    if (there.key !== key) return absent;
  } else {
    const same = there.same.filter((leaf) => leaf.key !== key);
    if (same.length === there.same.length) return absent;
    rest = same.length === 1 ? same[0] : { hash: there.hash, same };
  }
  if (rest !== undefined) return rest === there ? node : withSlot(node, at, rest, owner);
  if (node.slots.length === 1) return undefined;
  const mine = owner !== undefined && node.owner === owner;
  const slots = mine ? node.slots : node.slots.slice();
  slots.splice(at, 1);
  if (!mine) return { bits: node.bits & ~bit, slots, owner };
  node.bits &= ~bit;
  return node;
}

export function* entries<Value>(map: PersistentMap<Value>): Generator<[string, Value]> {
  const pending: Slot<Value>[] = [map.root];
  for (let slot = pending.pop(); slot !== undefined; slot = pending.pop()) {
    if (isNode(slot)) for (let i = slot.slots.length - 1; i >= 0; i -= 1) pending.push(slot.slots[i] as Slot<Value>);
    else if (isLeaf(slot)) yield [slot.key, slot.value];
    else for (const leaf of slot.same) yield [leaf.key, leaf.value];
  }
}

/** Calls `visit` with each value, in the order of `entries`; a few times faster. */
export function visit<Value>(map: PersistentMap<Value>, each: (value: Value, key: string) => void): void {
  const walk = (slot: Slot<Value>): void => {
    if (isLeaf(slot)) each(slot.value, slot.key);
    else if (isNode(slot)) for (const below of slot.slots) walk(below);
    else for (const leaf of slot.same) each(leaf.value, leaf.key);
  };
  walk(map.root);
}
