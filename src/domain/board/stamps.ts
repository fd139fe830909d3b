import { emptyMap, get, put, visit, type Owner, type PersistentMap } from './persistentMap.ts';
import type { BoardMemory, Stamp, Stamps } from './state.ts';

/*
 * Who changed what last, as far as undo must know it. Only things that somebody other than their author has touched, or that were
 * removed, have stamps: before that, nobody else can have anything to take back there, and the author's own work never stands in their way.
 */

/** A thing as a whole: it came, or it went. */
export const whole = '*';

/** More than this, and the older half is forgotten: what was done before it can no longer be undone, which is safe. */
export const mostStamps = 20_000;

export type StampMemory = Pick<BoardMemory, 'stamps' | 'stampsFrom'>;

/** What `by` did to these fields at a version. */
export function stamped(stamps: PersistentMap<Stamps>, target: string, fields: readonly string[], by: string, at: number, owner?: Owner): PersistentMap<Stamps> {
  const next: Record<string, Stamp> = { ...get(stamps, target) };
  for (const field of fields) {
    const last = next[field];
    next[field] = { by, at, othersAt: last === undefined ? 0 : last.by === by ? last.othersAt : last.at };
  }
  return put(stamps, target, next, owner);
}

/** Whether somebody other than this person changed the field (undefined: anything of it), or the thing as a whole, after a version. */
export function othersSince({ stamps, stampsFrom }: StampMemory, target: string, field: string | undefined, person: string, version: number): boolean {
  if (version < stampsFrom) return true;
  const there = get(stamps, target);
  if (!there) return false;
  const since = (stamp: Stamp | undefined): boolean => stamp !== undefined && (stamp.by === person ? stamp.othersAt : stamp.at) > version;
  return field === undefined ? Object.values(there).some(since) : since(there[field]) || since(there[whole]);
}

/** Keeps the newer half when there are too many. Depends on nothing but the stamps, so every fold forgets the same. */
export function forgetOldStamps(memory: StampMemory): StampMemory {
  if (memory.stamps.size <= mostStamps) return memory;
  const newest = (stamps: Stamps): number => Object.values(stamps).reduce((latest, { at }) => Math.max(latest, at), 0);
  const ats: number[] = [];
  visit(memory.stamps, (stamps) => ats.push(newest(stamps)));
  const floor = ats.sort((a, b) => a - b)[ats.length >> 1] ?? 0;
  const owner = {};
  let kept = emptyMap<Stamps>();
  visit(memory.stamps, (stamps, target) => {
    if (newest(stamps) > floor) kept = put(kept, target, stamps, owner);
  });
  return { stamps: kept, stampsFrom: floor };
}
