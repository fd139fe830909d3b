import type { Effect } from './draft.ts';
import type { OpGroup } from './events.ts';
import { recordGroup } from './gesture.ts';
import { mostBytesOfSteps, mostSteps } from './limits.ts';
import { emptyMap, entries, get, put, type Owner, type PersistentMap } from './persistentMap.ts';
import { forgetOldStamps } from './stamps.ts';
import { clientKey, type BoardMemory, type Entry, type Stacks } from './state.ts';

/** Beyond these the half that wrote longest ago is forgotten: its retries could be applied twice, its steps cannot be taken back. */
export const mostClients = 4_096;
export const mostPeople = 512;

type Group = Pick<OpGroup, 'personId' | 'clientId' | 'seq' | 'gestureId' | 'kind' | 'undoes'>;
const noStacks: Stacks = { undo: [], redo: [], at: 0 };

export const stacksOf = (memory: BoardMemory, personId: string): Stacks => get(memory.people, personId) ?? noStacks;

/** The memory after a group: observe its effects, then finish. */
export function remember(memory: BoardMemory, group: Group, version: number, owner: Owner): { observe(effect: Effect): void; finish(): BoardMemory } {
  const stacks = stacksOf(memory, group.personId);
  const earlier = group.kind === 'ops' ? stacks.undo.find(({ gestureId }) => gestureId === group.gestureId) : undefined;
  const recorder = recordGroup(memory, group.personId, version, earlier, owner);
  return {
    observe: recorder.observe,
    finish() {
      const { memory: stamps, changes, bytes, restored } = recorder.finish();
      const entry: Entry = { gestureId: group.kind === 'ops' ? group.gestureId : (group.undoes ?? group.gestureId), before: earlier?.before ?? version - 1, changes, bytes };
      const clients = withClient(memory.clients, group, version, owner);
      // A restore puts another board under everybody's feet: nothing from before it can be taken back.
      if (restored) return { clients, people: put(emptyMap<Stacks>(), group.personId, { undo: [entry], redo: [], at: version }), stamps: emptyMap(), stampsFrom: version };
      const next = { ...bounded(restacked(stacks, group, entry)), at: version };
      const people = newest(put(memory.people, group.personId, next, owner), mostPeople);
      return { clients, people, ...forgetOldStamps(stamps) };
    },
  };
}

/** Counts a sequence that left no event (no-op, refused, or heard of from the client). */
export const countSeq = (memory: BoardMemory, group: Pick<OpGroup, 'personId' | 'clientId' | 'seq'>, version: number): BoardMemory => ({ ...memory, clients: withClient(memory.clients, group, version) });

/** The last sequence taken in from a client; 0 when none was. */
export const seqOf = (memory: BoardMemory, personId: string, clientId: string): number => get(memory.clients, clientKey(personId, clientId))?.seq ?? 0;

function withClient(clients: BoardMemory['clients'], { personId, clientId, seq }: Pick<OpGroup, 'personId' | 'clientId' | 'seq'>, at: number, owner?: Owner): BoardMemory['clients'] {
  const key = clientKey(personId, clientId);
  return newest(put(clients, key, { seq: Math.max(seq, get(clients, key)?.seq ?? 0), at }, owner), mostClients);
}

function restacked({ undo, redo }: Stacks, group: Group, entry: Entry): Pick<Stacks, 'undo' | 'redo'> {
  const put = entry.changes?.size === 0 ? [] : [entry];
  switch (group.kind) {
    case 'undo':
      return { undo: undo.filter(({ gestureId }) => gestureId !== group.undoes), redo: [...redo, ...put.map((one) => ({ ...one, undoneBy: group.gestureId }))] };
    case 'redo':
      return { undo: [...undo, ...put], redo: redo.filter(({ gestureId }) => gestureId !== group.undoes) };
    case 'ops': {
      // A gesture that goes on while another was begun (in another tab) keeps its place.
      const at = undo.findIndex(({ gestureId }) => gestureId === group.gestureId);
      return { undo: at < 0 ? [...undo, ...put] : [...undo.slice(0, at), ...put, ...undo.slice(at + 1)], redo: [] };
    }
  }
}

/** The oldest steps go first; those that were taken back last. */
function bounded({ undo, redo }: Pick<Stacks, 'undo' | 'redo'>): Pick<Stacks, 'undo' | 'redo'> {
  let bytes = 0;
  for (const { bytes: of } of undo) bytes += of;
  for (const { bytes: of } of redo) bytes += of;
  if (bytes <= mostBytesOfSteps && undo.length <= mostSteps && redo.length <= mostSteps) return { undo, redo };
  const from = (steps: readonly Entry[]): number => {
    let at = Math.max(0, steps.length - mostSteps);
    for (let i = 0; i < at; i += 1) bytes -= steps[i]?.bytes ?? 0;
    for (; bytes > mostBytesOfSteps && at < steps.length - 1; at += 1) bytes -= steps[at]?.bytes ?? 0;
    return at;
  };
  return { undo: undo.slice(from(undo)), redo: redo.slice(from(redo)) };
}

function newest<Value extends { at: number }>(map: PersistentMap<Value>, most: number): PersistentMap<Value> {
  if (map.size <= most) return map;
  const inOrder = [...entries(map)].sort(([a, { at: one }], [b, { at: other }]) => other - one || (a < b ? -1 : 1));
  const owner = {};
  return inOrder.slice(0, most >> 1).reduce((kept, [key, value]) => put(kept, key, value, owner), emptyMap<Value>());
}
