import type { Observe } from './draft.ts';
import type { OpGroup } from './events.ts';
import { record, recording } from './gesture.ts';
import { mostBytesOfSteps, mostSteps } from './limits.ts';
import { emptyMap, entries, get, put, type Owner } from './persistentMap.ts';
import { closed } from './smallMap.ts';
import { emptyStack, itemAt, listed, placeOf, pushed, stackOf, withNewest, withoutOldest, type Stack } from './stack.ts';
import { forgetOldStamps } from './stamps.ts';
import type { BoardMemory, Entry, Remembered } from './state.ts';

/** Beyond these, who wrote longest ago is forgotten (of the people, half of them at once): their retries could be applied twice, their steps cannot be taken back. */
export const mostClientsOfPerson = 64;
export const mostPeople = 512;

type Group = Pick<OpGroup, 'personId' | 'clientId' | 'seq' | 'gestureId' | 'kind' | 'undoes'>;
type Steps = Pick<Remembered, 'undo' | 'redo' | 'bytes'>;
const nothing: Remembered = { at: 0, clients: [], undo: emptyStack(), redo: emptyStack(), bytes: 0 };

export const rememberedOf = (memory: BoardMemory, personId: string): Remembered => get(memory.people, personId) ?? nothing;

/** The memory after a group: observe its effects, then finish. */
export function remember(memory: BoardMemory, group: Group, version: number, owner: Owner): { observe: Observe; finish(): BoardMemory } {
  const before = rememberedOf(memory, group.personId);
  const at = group.kind === 'ops' ? placeOf(before.undo, group.gestureId) : -1;
  const earlier = at < 0 ? undefined : itemAt(before.undo, at);
  const so = recording(memory, group.personId, version, earlier, owner);
  return {
    observe: (effect) => record(so, effect),
    finish() {
      const { changes, bytes, stamps, stampsFrom, restored } = so;
      const entry: Entry = { gestureId: group.kind === 'ops' ? group.gestureId : (group.undoes ?? group.gestureId), before: earlier?.before ?? version - 1, changes: changes && closed(changes), bytes: changes ? bytes : 0 };
      const clients = withClient(before.clients, group);
      // A restore puts another board under everybody's feet: nothing from before it can be taken back, but every client's place counts.
      if (restored) return { people: put(withoutSteps(memory.people), group.personId, { at: version, clients, undo: pushed(emptyStack(), entry), redo: emptyStack(), bytes: 0 }), stamps: emptyMap(), stampsFrom: version };
      const { undo, redo, bytes: held } = bounded(restacked(before, group, at, entry));
      const people = newest(put(memory.people, group.personId, { at: version, clients, undo, redo, bytes: held }, owner));
      return { people, ...forgetOldStamps({ stamps, stampsFrom }) };
    },
  };
}

/** Counts a sequence that left no event (no-op, refused, or heard of from the client). */
export function countSeq(memory: BoardMemory, group: Pick<OpGroup, 'personId' | 'clientId' | 'seq'>, version: number): BoardMemory {
  const before = rememberedOf(memory, group.personId);
  return { ...memory, people: newest(put(memory.people, group.personId, { ...before, at: version, clients: withClient(before.clients, group) })) };
}

/** The last sequence taken in from a client; 0 when none was. */
export const seqOf = (memory: BoardMemory, personId: string, clientId: string): number => rememberedOf(memory, personId).clients.findLast((client) => client.clientId === clientId)?.seq ?? 0;

function withClient(clients: Remembered['clients'], { clientId, seq }: Pick<OpGroup, 'clientId' | 'seq'>): Remembered['clients'] {
  const last = clients.at(-1);
  if (last?.clientId === clientId) return clients.with(-1, { clientId, seq: Math.max(seq, last.seq) });
  const there = clients.findLast((client) => client.clientId === clientId);
  const others = there ? clients.filter((client) => client !== there) : clients.slice(clients.length >= mostClientsOfPerson ? 1 : 0);
  others.push({ clientId, seq: Math.max(seq, there?.seq ?? 0) });
  return others;
}

/** @param at the entry's place in what can be undone; -1: it is new */
function restacked(before: Steps, group: Group, at: number, entry: Entry): Steps {
  const { undo, redo, bytes } = before;
  const isEmpty = entry.changes?.size === 0;
  switch (group.kind) {
    case 'undo': {
      const left = without(undo, group.undoes);
      return summed(left, isEmpty ? redo : pushed(redo, { ...entry, undoneBy: group.gestureId }));
    }
    case 'redo': {
      const left = without(redo, group.undoes);
      return summed(isEmpty ? undo : pushed(undo, entry), left);
    }
    case 'ops':
      if (redo.size > 0) return restacked(summed(undo, emptyStack()), group, at, entry);
      if (at < 0) return isEmpty ? before : { undo: pushed(undo, entry), redo, bytes: bytes + entry.bytes };
      // A gesture that goes on while another was begun (in another tab) keeps its place.
      if (isEmpty) return summed(stackOf(listed(undo).toSpliced(at, 1)), redo);
      return { undo: at === undo.size - 1 ? withNewest(undo, entry) : stackOf(listed(undo).with(at, entry)), redo, bytes: bytes + entry.bytes - itemAt(undo, at).bytes };
  }
}

const without = (steps: Stack<Entry>, gestureId: string | undefined): Stack<Entry> => stackOf(listed(steps).filter((entry) => entry.gestureId !== gestureId));
const bytesOf = (steps: Stack<Entry>): number => listed(steps).reduce((sum, { bytes }) => sum + bytes, 0);
const summed = (undo: Stack<Entry>, redo: Stack<Entry>): Steps => ({ undo, redo, bytes: bytesOf(undo) + bytesOf(redo) });

/** The oldest steps go first; those that were taken back go last, and the newest stays whatever it weighs. */
function bounded(steps: Steps): Steps {
  const { undo, redo } = steps;
  let { bytes } = steps;
  if (bytes <= mostBytesOfSteps && undo.size <= mostSteps && redo.size <= mostSteps) return steps;
  const cut = (stack: Stack<Entry>): Stack<Entry> => {
    const isHeavy = bytes > mostBytesOfSteps;
    let from = 0;
    for (; from < stack.size - 1 && (bytes > mostBytesOfSteps || stack.size - from > mostSteps); from += 1) bytes -= itemAt(stack, from).bytes;
    // A stack lets go of its oldest by and by: too late for what has to go for its weight.
    return from === 0 ? stack : isHeavy ? stackOf(listed(stack).slice(from)) : withoutOldest(stack, from);
  };
  return { undo: cut(undo), redo: cut(redo), bytes };
}

function withoutSteps(people: BoardMemory['people']): BoardMemory['people'] {
  const owner = {};
  let left: BoardMemory['people'] = emptyMap();
  for (const [person, { at, clients }] of entries(people)) left = put(left, person, { at, clients, undo: emptyStack(), redo: emptyStack(), bytes: 0 }, owner);
  return left;
}

function newest(people: BoardMemory['people']): BoardMemory['people'] {
  if (people.size <= mostPeople) return people;
  const inOrder = [...entries(people)].sort(([a, { at: one }], [b, { at: other }]) => other - one || (a < b ? -1 : 1));
  const owner = {};
  return inOrder.slice(0, mostPeople >> 1).reduce((kept, [person, value]) => put(kept, person, value, owner), emptyMap<Remembered>());
}
