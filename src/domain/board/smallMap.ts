/**
 * A map with text keys that mostly holds one thing: then it is one object, and not the table of a Map, which weighs several times as much. In
 * the order in which things came. Nobody writes to one that was handed on; `opened` answers one to write to, `closed` hands it on again.
 */
export type SmallMap<Value> = One<Value> | ReadonlyMap<string, Value>;
/** With two or more it is a Map of whoever opened it, and written in place. */
export type OpenSmallMap<Value> = One<Value> | Map<string, Value>;

class One<Value> implements Iterable<[string, Value]> {
  readonly key: string;
  readonly value: Value;
  constructor(key: string, value: Value) {
    this.key = key;
    this.value = value;
  }

  get size(): number { return 1; }
  get(key: string): Value | undefined { return key === this.key ? this.value : undefined; }
  *[Symbol.iterator](): Generator<[string, Value]> { yield [this.key, this.value]; }
}

/** Never written to: what comes into an empty one is another. */
const none = new Map<string, never>();
export const emptySmallMap = <Value>(): OpenSmallMap<Value> => none;

/** @param pairs no key twice */
export function smallMapOf<Value>(pairs: readonly [string, Value][]): SmallMap<Value> {
  const [first] = pairs;
  if (!first) return none;
  return pairs.length === 1 ? new One(first[0], first[1]) : new Map(pairs);
}

export const opened = <Value>(map: SmallMap<Value>): OpenSmallMap<Value> => (map instanceof One ? map : map.size === 0 ? none : new Map(map));

/** With this value under the key; undefined: without the key. The map that was there must not be used any more. */
export function withValue<Value>(map: OpenSmallMap<Value>, key: string, value: Value | undefined): OpenSmallMap<Value> {
  if (map.size === 0) return value === undefined ? map : new One(key, value);
  if (map instanceof One) {
    if (map.key === key) return value === undefined ? none : new One(key, value);
    return value === undefined ? map : new Map([[map.key, map.value], [key, value]]);
  }
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  return map;
}

/** Of the same form for the same things, whatever came and went. */
export const closed = <Value>(map: OpenSmallMap<Value>): SmallMap<Value> => (map instanceof One || map.size > 1 ? map : smallMapOf([...map]));
