import type { Effect, Thing } from './draft.ts';
import { fieldOf, same, withField } from './fields.ts';
import { mostBytesOfGroup, mostOpsOfGroup } from './limits.ts';
import { get, type Owner } from './persistentMap.ts';
import { emptySmallMap, opened, withValue, type OpenSmallMap } from './smallMap.ts';
import { othersSince, stamped, whole, type StampMemory } from './stamps.ts';
import type { Change, Entry } from './state.ts';

/** What a group did so far: in the stamps, and in the entry of its gesture. */
export type Recording = {
  readonly by: string;
  readonly version: number;
  readonly owner: Owner;
  stamps: StampMemory['stamps'];
  readonly stampsFrom: number;
  /** Undefined: too large to be undone as a group, or a restore. */
  changes: OpenSmallMap<Change> | undefined;
  /** About what the ops that take it back weigh. */
  bytes: number;
  /** It was a restore: everything before it is void. */
  restored: boolean;
};

/** @param earlier the entry of the same gesture's groups before this one */
export const recording = ({ stamps, stampsFrom }: StampMemory, by: string, version: number, earlier: Entry | undefined, owner: Owner): Recording => ({
  by, version, owner, stamps, stampsFrom, changes: earlier ? earlier.changes && opened(earlier.changes) : emptySmallMap(), bytes: earlier?.bytes ?? 0, restored: false,
});

/** Takes down one effect. */
export function record(so: Recording, effect: Effect): void {
  if (effect.kind === 'restored') {
    so.restored = true;
    so.changes = undefined;
    return;
  }
  const { target } = effect;
  if (so.changes) {
    const there = so.changes.get(target);
    const next = effect.kind === 'added' ? afterAdding(so, there, effect.value)
      : effect.kind === 'removed' ? afterRemoving(so, target, there, effect.value)
        : afterChanging(so, target, there, effect.was, effect.fields);
    so.bytes += weight(next) - weight(there);
    so.changes = withValue(so.changes, target, next);
    if (so.changes.size > mostOpsOfGroup || so.bytes > mostBytesOfGroup) so.changes = undefined;
  }
  if (isStamped(so, effect)) so.stamps = stamped(so.stamps, target, effect.kind === 'changed' ? effect.fields : [whole], so.by, so.version, so.owner);
}

/**
 * What only its author has touched needs no stamps: nobody else has anything to take back there. But what is removed is stamped, for under
 * its id something else may come; unless it was swept in a number that nobody can take back.
 */
function isStamped({ by, stamps, changes }: Recording, effect: Exclude<Effect, { kind: 'restored' }>): boolean {
  const thing = effect.kind === 'changed' ? effect.was : effect.value;
  const isNeeded = effect.kind === 'removed' ? changes !== undefined : !('author' in thing && thing.author === by);
  return isNeeded || get(stamps, effect.target) !== undefined;
}

/** Undefined: as before the gesture. */
function afterAdding({ version: at }: Recording, there: Change | undefined, value: Thing): Change | undefined {
  if (there?.kind === 'replaced') return { ...there, at };
  if (there?.kind !== 'removed') return { kind: 'added', at };
  if ('author' in there.was) return { kind: 'replaced', at, was: there.was };
  // A page or layer that comes again is the old one with other fields: what is on it has changes of its own.
  const { was } = there;
  const names = [...new Set([...Object.keys(was), ...Object.keys(value)])].filter((name) => !same(fieldOf(was, name), fieldOf(value, name)));
  return names.length === 0 ? undefined : { kind: 'changed', fields: new Map(names.map((name) => [name, { was: fieldOf(was, name), at }])) };
}

/** Undefined: as before the gesture. */
function afterRemoving(so: Recording, target: string, there: Change | undefined, value: Thing): Change | undefined {
  const at = so.version;
  switch (there?.kind) {
    case 'added':
      return undefined;
    case 'replaced':
      return { kind: 'removed', at, was: there.was };
    case 'changed': {
      let was = value;
      for (const [field, before] of there.fields) if (!othersSince(so, target, field, so.by, before.at)) was = withField(was, field, before.was);
      return { kind: 'removed', at, was };
    }
    default:
      return { kind: 'removed', at, was: value };
  }
}

function afterChanging(so: Recording, target: string, there: Change | undefined, was: Thing, names: readonly string[]): Change {
  if (there?.kind === 'added' || there?.kind === 'replaced') return there;
  const fields = new Map(there?.kind === 'changed' ? there.fields : undefined);
  for (const name of names) {
    const earlier = fields.get(name);
    // What others made of it in between is what it goes back to.
    fields.set(name, { was: earlier && !othersSince(so, target, name, so.by, earlier.at) ? earlier.was : fieldOf(was, name), at: so.version });
  }
  return { kind: 'changed', fields };
}

/** About what taking it back weighs as JSON, in bytes; exact is only what the resolved group weighs. */
function weight(change: Change | undefined): number {
  switch (change?.kind) {
    case undefined: return 0;
    case 'added': return 50;
    case 'removed': case 'replaced': return 200 + sizeOf(change.was);
    case 'changed': {
      let sum = 60;
      for (const [field, { was }] of change.fields) sum += field.length + sizeOf(was) + 4;
      return sum;
    }
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 6;
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value.length * 4 : value.reduce<number>((sum, item) => sum + sizeOf(item), 2);
  let sum = 2;
  for (const item of Object.values(value)) sum += 8 + sizeOf(item);
  return sum;
}
