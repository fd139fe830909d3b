/*
 * What a client knows of a board, as pure values.
 *
 *   confirmed   the fold of exactly the groups that the server sent, up to `version`
 *   pending     one's own groups that are in no `ops` yet, in the order of their seq
 *   view        pending applied to confirmed: what is drawn
 *
 * A group leaves `pending` when it comes back in `ops` (then it is part of confirmed), or when it is told to have done nothing or to
 * have been refused. An `ack` alone takes nothing away: it says that the group is safe, not where it stands. Once the version that the `ack`
 * names is confirmed, the group is part of it: it may have come inside a whole board (`reset`) instead of by itself.
 * Generic over the document, so that the rules of order are tested apart from what drawing means.
 */
export type Fold<Doc, Op> = (doc: Doc, ops: readonly Op[], by: { author: string; version: number }) => Doc;

/** `safeAt`: the board's version when it was acknowledged. */
export type Pending<Op> =
  | { kind: 'ops'; seq: number; gestureId: string; ops: readonly Op[]; safeAt?: number }
  /** Worked out by the server; changes nothing until it comes back. */
  | { kind: 'undo' | 'redo'; seq: number; gestureId?: string; safeAt?: number };

export type Optimistic<Doc, Op> = {
  confirmed: Doc;
  version: number;
  pending: readonly Pending<Op>[];
  view: Doc;
  /** The next group's. */
  nextSeq: number;
  /** The highest that the server told of, whatever became of it. */
  ackedSeq: number;
  /**
   * After a welcome: what is still pending at or below `seq` once `version` is confirmed was answered in words that never arrived. Where all
   * came as `ops` it did nothing or was refused (`answeredUnheard`); where a whole board came it may as well be in that (`outcomeUnheard`).
   */
  settle: { version: number; seq: number } | undefined;
  /** One's own groups up to here may be in a whole board that was loaded, also when the line broke right after it: they would never come as `ops`. */
  loadedSeq: number;
};

export type IncomingGroup<Op> =
  | { version: number; clientId: string; seq: number; personId: string; ops: readonly Op[] }
  | { version: number; clientId: string; seq: number };

export type Dropped<Op> = { group: Pending<Op>; code: string };

/** `gap`: versions are missing. `stranger`: a group of ours came in short that we no longer have. Only the server can put either right. */
export type Took<Doc, Op> = { outcome: 'taken'; state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } | { outcome: 'gap' | 'stranger' };

export const begin = <Doc, Op>(empty: Doc): Optimistic<Doc, Op> => ({ confirmed: empty, version: 0, pending: [], view: empty, nextSeq: 1, ackedSeq: 0, settle: undefined, loadedSeq: 0 });

export type Rules<Doc, Op> = { fold: Fold<Doc, Op>; me: { personId: string; clientId: string } };

const shown = <Doc, Op>(rules: Rules<Doc, Op>, confirmed: Doc, version: number, pending: readonly Pending<Op>[]): Doc =>
  pending.reduce((doc, group, i) => (group.kind === 'ops' ? rules.fold(doc, group.ops, { author: rules.me.personId, version: version + i + 1 }) : doc), confirmed);

/** One's own new group; it is seen at once. */
export function edit<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, gestureId: string, ops: readonly Op[]): Optimistic<Doc, Op> {
  const by = { author: rules.me.personId, version: state.version + state.pending.length + 1 };
  return { ...state, pending: [...state.pending, { kind: 'ops', seq: state.nextSeq, gestureId, ops }], view: rules.fold(state.view, ops, by), nextSeq: state.nextSeq + 1 };
}

export const takeBack = <Doc, Op>(state: Optimistic<Doc, Op>, kind: 'undo' | 'redo', gestureId?: string): Optimistic<Doc, Op> => ({
  ...state, nextSeq: state.nextSeq + 1,
  pending: [...state.pending, { kind, seq: state.nextSeq, ...(gestureId === undefined ? {} : { gestureId }) }],
});

/** The frame `ops`. What is at or below our version is a repeat and skipped. */
export function take<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, from: number, groups: readonly IncomingGroup<Op>[]): Took<Doc, Op> {
  if (from > state.version) return { outcome: 'gap' };
  let { confirmed, version, pending, ackedSeq } = state;
  /** As long as only our first pending groups come back, the view is what it was. */
  let same = true;
  for (const group of groups) {
    if (group.version <= version) continue;
    if (group.version !== version + 1) return { outcome: 'gap' };
    const own = group.clientId === rules.me.clientId ? pending.findIndex(({ seq }) => seq === group.seq) : -1;
    const waiting = pending[own];
    if ('ops' in group) {
      confirmed = rules.fold(confirmed, group.ops, { author: group.personId, version: group.version });
      same = false;
    } else {
      if (waiting?.kind !== 'ops') return { outcome: 'stranger' };
      confirmed = rules.fold(confirmed, waiting.ops, { author: rules.me.personId, version: group.version });
      same &&= own === 0;
    }
    version = group.version;
    if (waiting) {
      pending = pending.toSpliced(own, 1);
      ackedSeq = Math.max(ackedSeq, group.seq);
    }
  }
  if (version === state.version) return { outcome: 'taken', state, dropped: [] };
  const view = same ? state.view : shown(rules, confirmed, version, pending);
  return { outcome: 'taken', ...settled(rules, { ...state, confirmed, version, pending, ackedSeq, view }) };
}

/** The frame `ack`. */
export function acknowledge<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, ack: { upTo: number; version: number; noop?: readonly number[] | undefined; rejected?: readonly { seq: number; code: string }[] | undefined }): { state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } {
  const gone = new Map<number, string>([...(ack.noop ?? []).map((seq) => [seq, 'noop'] as const), ...(ack.rejected ?? []).map(({ seq, code }) => [seq, code] as const)]);
  const ackedSeq = Math.max(state.ackedSeq, ack.upTo);
  // What a welcome spoke of is settled by it: an ack that follows one only repeats what may have gone unheard.
  const pending = state.pending.map((group) => (group.seq > state.ackedSeq && group.seq <= ack.upTo ? { ...group, safeAt: ack.version } : group));
  const { state: next, dropped } = without(rules, { ...state, pending, ackedSeq }, ({ seq }) => gone.get(seq));
  return { state: arrived(rules, next), dropped };
}

/**
 * The frame `welcome`: the server has decided everything up to `lastSeq`, as of `version`; the rest is to be sent again. What it has not
 * decided is numbered on from there, without gaps.
 */
export function welcomed<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, welcome: { version: number; lastSeq: number }): { state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } {
  const seq = Math.max(welcome.lastSeq, state.ackedSeq);
  return settled(rules, { ...numberedFrom(state, seq), settle: { version: welcome.version, seq } });
}

/** The first group that the server has not decided, given up: it can never be taken, and would stand in the way of all behind it. */
export function giveUpFirst<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, code: string): { state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } {
  const first = state.pending.find(({ seq }) => seq > state.ackedSeq)?.seq;
  const after = without(rules, state, ({ seq }) => (seq === first ? code : undefined));
  return { ...after, state: numberedFrom(after.state, state.ackedSeq) };
}

/** Under a new clientId: nothing of the old one's is pending any more (of what was decided nobody can tell the outcome), and what the server never saw begins at 1. */
export function reborn<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, empty: Doc): { state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } {
  const dropped = state.pending.filter(({ seq }) => seq <= state.ackedSeq).map((group) => ({ group, code: 'outcomeUnheard' }));
  const pending = state.pending.filter(({ seq }) => seq > state.ackedSeq).map((group, i) => ({ ...group, seq: i + 1 }));
  return { state: { confirmed: empty, version: 0, pending, view: shown(rules, empty, 0, pending), nextSeq: pending.length + 1, ackedSeq: 0, settle: undefined, loadedSeq: 0 }, dropped };
}

function numberedFrom<Doc, Op>(state: Optimistic<Doc, Op>, seq: number): Optimistic<Doc, Op> {
  const decided = state.pending.filter((group) => group.seq <= seq);
  const open = state.pending.filter((group) => group.seq > seq).map((group, i) => (group.seq === seq + 1 + i ? group : { ...group, seq: seq + 1 + i }));
  return { ...state, ackedSeq: seq, pending: [...decided, ...open], nextSeq: seq + 1 + open.length };
}

/** A whole board: at a first welcome, after a long absence, or after `reset`. */
export function load<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, doc: Doc, version: number): { state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } {
  const loadedSeq = Math.max(state.loadedSeq, state.settle?.seq ?? 0);
  return settled(rules, { ...state, loadedSeq, confirmed: doc, version, view: shown(rules, doc, version, state.pending) });
}

/** What goes over the wire next, in order: everything above what the server has decided. */
export const unsent = <Doc, Op>(state: Optimistic<Doc, Op>, sentSeq: number): Pending<Op>[] => state.pending.filter(({ seq }) => seq > Math.max(sentSeq, state.ackedSeq));

/** Own groups that are not known to be safe. */
export const unsaved = <Doc, Op>(state: Optimistic<Doc, Op>): number => state.nextSeq - 1 - state.ackedSeq;

/** Without what is part of confirmed, though it never came by itself. */
function arrived<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>): Optimistic<Doc, Op> {
  const pending = state.pending.filter(({ safeAt }) => safeAt === undefined || safeAt > state.version);
  return pending.length === state.pending.length ? state : { ...state, pending, view: shown(rules, state.confirmed, state.version, pending) };
}

function settled<Doc, Op>(rules: Rules<Doc, Op>, before: Optimistic<Doc, Op>): { state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } {
  const state = arrived(rules, before);
  const { settle } = state;
  if (!settle || state.version < settle.version) return { state, dropped: [] };
  return without(rules, { ...state, settle: undefined }, ({ seq }) => (seq > settle.seq ? undefined : seq <= state.loadedSeq ? 'outcomeUnheard' : 'answeredUnheard'));
}

function without<Doc, Op>(rules: Rules<Doc, Op>, state: Optimistic<Doc, Op>, why: (group: Pending<Op>) => string | undefined): { state: Optimistic<Doc, Op>; dropped: Dropped<Op>[] } {
  const dropped: Dropped<Op>[] = [];
  const pending: Pending<Op>[] = [];
  for (const group of state.pending) {
    const code = why(group);
    if (code === undefined) pending.push(group);
    else dropped.push({ group, code });
  }
  if (dropped.length === 0) return { state, dropped };
  return { state: { ...state, pending, view: shown(rules, state.confirmed, state.version, pending) }, dropped };
}
