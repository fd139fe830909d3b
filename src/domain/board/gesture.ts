import type { Effect } from './draft.ts';
import { fieldOf, withField } from './fields.ts';
import { mostBytesOfGroup, mostOpsOfGroup } from './limits.ts';
import { get, type Owner } from './persistentMap.ts';
import { othersSince, stamped, whole, type StampMemory } from './stamps.ts';
import type { Change, Entry } from './state.ts';

/** Collects what a group does: into the stamps, and into the entry of its gesture. */
export type Recorder = {
  observe(effect: Effect): void;
  /** Call once. `changes` undefined: too large to be undone as a group, or a restore; `restored`: everything before it is void. */
  finish(): { memory: StampMemory; changes: Entry['changes']; bytes: number; restored: boolean };
};

/** @param earlier the entry of the same gesture's groups before this one */
export function recordGroup(before: StampMemory, by: string, version: number, earlier: Entry | undefined, owner: Owner): Recorder {
  let { stamps } = before;
  let changes: Map<string, Change> | undefined = earlier ? earlier.changes && new Map(earlier.changes) : new Map();
  let bytes = earlier?.bytes ?? 0;
  let restored = false;
  const others = (target: string, field: string | undefined, since: number) => othersSince({ stamps, stampsFrom: before.stampsFrom }, target, field, by, since);

  function record(effect: Exclude<Effect, { kind: 'restored' }>): void {
    if (!changes) return;
    const { target } = effect;
    const there = changes.get(target);
    const next = effect.kind === 'added' ? afterAdding(there, version)
      : effect.kind === 'removed' ? afterRemoving(there, effect.value, version, (field, since) => others(target, field, since))
        : afterChanging(there, effect.was, effect.fields, version, (field, since) => others(target, field, since));
    bytes += weight(next) - weight(there);
    if (next) changes.set(target, next);
    else changes.delete(target);
    if (changes.size > mostOpsOfGroup || bytes > mostBytesOfGroup) changes = undefined;
  }

  function stamp(effect: Exclude<Effect, { kind: 'restored' }>): void {
    const { target } = effect;
    const thing = effect.kind === 'changed' ? effect.was : effect.value;
    const isOwn = 'author' in thing && thing.author === by;
    // What nobody can take back any more needs no stamp for it.
    if (get(stamps, target) === undefined && (isOwn || (effect.kind === 'removed' && !changes))) return;
    stamps = stamped(stamps, target, effect.kind === 'changed' ? effect.fields : [whole], by, version, owner);
  }

  return {
    observe(effect) {
      if (effect.kind === 'restored') {
        restored = true;
        changes = undefined;
        return;
      }
      record(effect);
      stamp(effect);
    },
    finish: () => ({ memory: { stamps, stampsFrom: before.stampsFrom }, changes, bytes: changes ? bytes : 0, restored }),
  };
}

type Others = (field: string | undefined, since: number) => boolean;

function afterAdding(there: Change | undefined, at: number): Change {
  if (there?.kind === 'removed' || there?.kind === 'replaced') return { kind: 'replaced', at, was: there.was };
  return { kind: 'added', at };
}

/** Undefined: as before the gesture. */
function afterRemoving(there: Change | undefined, value: Extract<Change, { kind: 'removed' }>['was'], at: number, others: Others): Change | undefined {
  switch (there?.kind) {
    case 'added':
      return undefined;
    case 'replaced':
      return { kind: 'removed', at, was: there.was };
    case 'changed': {
      let was = value;
      for (const [field, before] of there.fields) if (!others(field, before.at)) was = withField(was, field, before.was);
      return { kind: 'removed', at, was };
    }
    default:
      return { kind: 'removed', at, was: value };
  }
}

function afterChanging(there: Change | undefined, was: Extract<Change, { kind: 'removed' }>['was'], names: readonly string[], at: number, others: Others): Change {
  if (there?.kind === 'added' || there?.kind === 'replaced') return there;
  const fields = new Map(there?.kind === 'changed' ? there.fields : []);
  for (const name of names) {
    const earlier = fields.get(name);
    const before = earlier && !others(name, earlier.at) ? earlier.was : fieldOf(was, name);
    fields.set(name, { was: before, at });
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
