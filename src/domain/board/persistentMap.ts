/**
 * A map with text keys that is never changed in place: `put` and `drop` answer a new one and share almost all of it with the old (a hash
 * array mapped trie, 32 ways). With an `owner` (any fresh object), nodes that this owner made are written in place, so that a long fold
 * pays for few copies; whoever hands a map on forgets its owner, and from then on nobody can write to it. Who keeps the owner keeps the map to
 * themselves, and has no use for earlier ones.
 * Iteration is in the order of the keys' hashes: the same for the same keys, however they came.
 *
 * Below the 32 bits of the hash the ways are the key's own characters, so keys that somebody made up to have one hash cost no more than
 * their length.
 */
export type PersistentMap<Value> = { readonly root: Node<Value>; readonly size: number };
export type Owner = object;

type Leaf<Value> = { readonly key: string; readonly value: Value };
/** Bit n of `bits` is set when way n is taken; `slots` holds the taken ways in order. */
type Node<Value> = { bits: number; slots: Slot<Value>[]; readonly owner: Owner | undefined };
type Slot<Value> = Leaf<Value> | Node<Value>;

const none: PersistentMap<never> = { root: { bits: 0, slots: [], owner: undefined }, size: 0 };
export const emptyMap = <Value>(): PersistentMap<Value> => none;

/** FNV-1a over UTF-16 units, mixed so that the low bits differ too. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** The bit of the way that a key takes at a level: five bits of its hash each, then of its characters (0: its end). */
function wayOf(key: string, hash: number, level: number): number {
  if (level < 7) return 1 << ((hash >>> (level * 5)) & 31);
  const at = (level - 7) >> 2;
  const unit = at < key.length ? key.charCodeAt(at) + 1 : 0;
  return 1 << ((unit >>> (((level - 7) & 3) * 5)) & 31);
}

function ones(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

// Twice as fast as `in`, and it runs a dozen times per op.
const isNode = <Value>(slot: Slot<Value>): slot is Node<Value> => (slot as Partial<Node<Value>>).slots !== undefined;

export function get<Value>(map: PersistentMap<Value>, key: string): Value | undefined {
  const hash = hashOf(key);
  let node = map.root;
  for (let level = 0; ; level += 1) {
    const way = wayOf(key, hash, level);
    if ((node.bits & way) === 0) return undefined;
    const slot = node.slots[ones(node.bits & (way - 1))];
    if (slot === undefined) return undefined;
    if (!isNode(slot)) return slot.key === key ? slot.value : undefined;
    node = slot;
  }
}

/** The same map when this very value is there already. */
export function put<Value>(map: PersistentMap<Value>, key: string, value: Value, owner?: Owner): PersistentMap<Value> {
  const change = { grown: 0 };
  const root = putIn(map.root, 0, hashOf(key), { key, value }, owner, change);
  return root === map.root && owner === undefined ? map : { root, size: map.size + change.grown };
}

/** The same map when the key is not there. */
export function drop<Value>(map: PersistentMap<Value>, key: string, owner?: Owner): PersistentMap<Value> {
  const root = dropFrom(map.root, 0, hashOf(key), key, owner);
  return root === absent ? map : { root: root ?? none.root, size: map.size - 1 };
}

/** The node itself when it is this owner's, else a copy that is. */
const owned = <Value>(node: Node<Value>, owner: Owner | undefined): Node<Value> =>
  (owner !== undefined && node.owner === owner ? node : { bits: node.bits, slots: node.slots.slice(), owner });

function withSlot<Value>(node: Node<Value>, at: number, slot: Slot<Value>, owner: Owner | undefined): Node<Value> {
  const mine = owned(node, owner);
  mine.slots[at] = slot;
  return mine;
}

/** With exactly as many slots as it has ways, whoever's it is: an array that grows in place takes room for two dozen more, in each of its nodes. */
function withSlots<Value>(node: Node<Value>, bits: number, slots: Slot<Value>[], owner: Owner | undefined): Node<Value> {
  if (owner === undefined || node.owner !== owner) return { bits, slots, owner };
  node.bits = bits;
  node.slots = slots;
  return node;
}

function putIn<Value>(node: Node<Value>, level: number, hash: number, leaf: Leaf<Value>, owner: Owner | undefined, change: { grown: number }): Node<Value> {
  const way = wayOf(leaf.key, hash, level);
  const at = ones(node.bits & (way - 1));
  const there = (node.bits & way) === 0 ? undefined : node.slots[at];
  if (there === undefined) {
    change.grown = 1;
    return withSlots(node, node.bits | way, node.slots.toSpliced(at, 0, leaf), owner);
  }
  if (isNode(there)) {
    const below = putIn(there, level + 1, hash, leaf, owner, change);
    return below === there ? node : withSlot(node, at, below, owner);
  }
  if (there.key === leaf.key) return there.value === leaf.value ? node : withSlot(node, at, leaf, owner);
  change.grown = 1;
  return withSlot(node, at, fork(there, hashOf(there.key), leaf, hash, level + 1, owner), owner);
}

/** A node that holds two leaves. */
function fork<Value>(one: Leaf<Value>, hash: number, other: Leaf<Value>, otherHash: number, level: number, owner: Owner | undefined): Node<Value> {
  const a = wayOf(one.key, hash, level);
  const b = wayOf(other.key, otherHash, level);
  if (a === b) return { bits: a, slots: [fork(one, hash, other, otherHash, level + 1, owner)], owner };
  return { bits: a | b, slots: a >>> 0 < b >>> 0 ? [one, other] : [other, one], owner };
}

const absent = Symbol('absent');

/** Undefined: nothing is left of the node. */
function dropFrom<Value>(node: Node<Value>, level: number, hash: number, key: string, owner: Owner | undefined): Node<Value> | undefined | typeof absent {
  const way = wayOf(key, hash, level);
  const at = ones(node.bits & (way - 1));
  const there = (node.bits & way) === 0 ? undefined : node.slots[at];
  if (there === undefined) return absent;
  if (isNode(there)) {
    const below = dropFrom(there, level + 1, hash, key, owner);
    if (below === absent) return absent;
    // A node with one leaf is folded into its parent, so that the trie's form depends on the keys alone. Nodes below the root are never empty.
    const only = below?.slots.length === 1 ? below.slots[0] : undefined;
    const rest = only !== undefined && !isNode(only) ? only : below;
    return rest === undefined || rest === there ? node : withSlot(node, at, rest, owner);
  }
  if (there.key !== key) return absent;
  if (node.slots.length === 1) return undefined;
  return withSlots(node, node.bits & ~way, node.slots.toSpliced(at, 1), owner);
}

export function* entries<Value>(map: PersistentMap<Value>): Generator<[string, Value]> {
  const pending: Slot<Value>[] = [map.root];
  for (let slot = pending.pop(); slot !== undefined; slot = pending.pop()) {
    if (isNode(slot)) for (let i = slot.slots.length - 1; i >= 0; i -= 1) pending.push(slot.slots[i] as Slot<Value>);
    else yield [slot.key, slot.value];
  }
}

/** Calls `each` with every value, in the order of `entries`; a few times faster. */
export function visit<Value>(map: PersistentMap<Value>, each: (value: Value, key: string) => void): void {
  const walk = (node: Node<Value>): void => {
    for (const slot of node.slots) {
      if (isNode(slot)) walk(slot);
      else each(slot.value, slot.key);
    }
  };
  walk(map.root);
}
