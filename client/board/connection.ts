import type { BoardFromServer } from '../../src/commands/rooms/protocol/board.ts';
import type { Op } from '../../src/domain/board/ops.ts';
import { applyOps, emptyDoc, normaliseOps, type BoardDoc } from '../../src/domain/board/clientSide.ts';
import { createChannel, type Channel, type ChannelState } from '../channel.ts';
import { createEmitter, type Emitter } from '../emitter.ts';
import { freshId, type Surroundings } from '../surroundings.ts';
import { inGroups } from './inGroups.ts';
import { loadSnapshot } from './loadSnapshot.ts';
import { acknowledge, begin, edit, giveUpFirst, load, reborn, take, takeBack, unsaved, unsent, welcomed, type Dropped, type Fold, type IncomingGroup, type Optimistic } from './optimistic.ts';
import { createPace } from './pace.ts';
import { createPresence, type Laser, type Pointer, type Presence, type StrokePart } from './presence.ts';

/*
 * The board's socket. Its life after each upgrade:
 *
 *   hello ─▶ welcome ─┬─ (tail as `ops`) ─────────────────────▶ caught up ─▶ live
 *                     └─ snapshotUrl: load it, `ops` wait ──▶
 *
 * Nothing of ours is sent again before we have caught up with what the welcome said: until then it is open which groups the server has.
 */
type Of<T extends BoardFromServer['t']> = Extract<BoardFromServer, { t: T }>['d'];
export type Welcome = Of<'welcome'>;
type Whole = { snapshotUrl: string; snapshotVersion: number };

export type BoardEvents = {
  /** The view is another one. */
  view: BoardDoc;
  welcome: Welcome;
  /** One of our groups came to nothing: refused, or without effect (`noop`). Of `outcomeUnheard` nobody can tell: the board that was loaded may have it. */
  dropped: { code: string; ops: readonly Op[] };
  presence: Presence;
  /** Groups of ours that are not known to be safe, and whether the server says that its log does not answer. */
  saving: { unsaved: number; held: boolean };
  connection: ChannelState;
  problem: { code: string; detail?: string };
};

export type BoardOptions = {
  surroundings: Surroundings;
  personId: string;
  /** One per tab. Default: a fresh one. */
  clientId?: string;
  address(): Promise<string>;
  /** With the right to read it. */
  fetchSnapshot(url: string): Promise<Response>;
  /** How many groups may wait to be sent; more are refused. Default 5,000. */
  mostPending?: number;
};

export type BoardConnection = Pick<Emitter<BoardEvents>, 'on'> & {
  clientId(): string;
  view(): BoardDoc;
  confirmed(): { doc: BoardDoc; version: number };
  unsaved(): number;
  /** The last one that came. */
  welcome(): Welcome | undefined;
  /** Everything that the last welcome spoke of is here. */
  live(): boolean;
  presence: Presence;
  /**
   * Draws at once, and has it written. More than one group holds is cut into several with the same gesture.
   * @returns the gesture; undefined when too much is waiting already, and nothing was done
   */
  apply(ops: readonly Op[], gestureId?: string): string | undefined;
  undo(gestureId?: string): void;
  redo(gestureId?: string): void;
  pointer(at: Pointer): void;
  stroke(part: StrokePart): void;
  laser(points: Laser): void;
  channel: Pick<Channel, 'state' | 'nudge' | 'again' | 'open' | 'close'>;
};

const fold: Fold<BoardDoc, Op> = applyOps;
/** What stands in the socket's own buffer is no longer ours to pace. */
const fullSocket = 128 * 1024;

export function connectBoard(options: BoardOptions): BoardConnection {
  const { surroundings, mostPending = 5_000 } = options;
  const { on, emit } = createEmitter<BoardEvents>();
  const presence = createPresence();
  const pace = createPace();
  const rules = { fold, me: { personId: options.personId, clientId: options.clientId ?? freshId() } };
  let state: Optimistic<BoardDoc, Op> = begin(emptyDoc);
  let sentSeq = 0;
  let held = false;
  let welcomedHere = false;
  let lastWelcome: Welcome | undefined;
  /** While a snapshot is on its way: the frames that come after it. */
  let loading: Of<'ops'>[] | undefined;
  let abortLoading = new AbortController();
  /** Closes that say our own message was wrong, since a group of ours was last answered: a welcome alone proves nothing, the same group goes out after it. */
  let blamed = 0;
  /** A group of ours came back that we no longer have: start over as another client, as soon as a welcome has told what is decided. */
  let startOver = false;
  let forgetPump: (() => void) | undefined;

  const live = (): boolean => welcomedHere && loading === undefined && state.settle === undefined;
  const tellSaving = (): void => emit('saving', { unsaved: unsaved(state), held });
  const become = ({ state: next, dropped }: { state: Optimistic<BoardDoc, Op>; dropped: readonly Dropped<Op>[] }): void => {
    const seen = state.view;
    const waited = unsaved(state);
    state = next;
    if (next.view !== seen) emit('view', next.view);
    for (const { group, code } of dropped) emit('dropped', { code, ops: group.kind === 'ops' ? group.ops : [] });
    if (unsaved(next) !== waited) tellSaving();
  };

  const pump = (): void => {
    forgetPump?.();
    forgetPump = undefined;
    if (!live()) return;
    for (const group of unsent(state, sentSeq)) {
      const waitMs = channel.waiting() > fullSocket ? 50 : pace.take(surroundings.now());
      if (waitMs > 0) {
        forgetPump = surroundings.later(waitMs, pump);
        return;
      }
      const { kind, seq, gestureId } = group;
      if (!channel.send(kind, { seq, ...(gestureId === undefined ? {} : { gestureId }), ...(kind === 'ops' ? { ops: group.ops } : {}) })) return;
      sentSeq = seq;
    }
  };
  const caughtUp = (): void => {
    if (!live()) return;
    if (blamed === 0) channel.settled();
    pump();
  };

  const takeOps = ({ from, groups }: Of<'ops'>): void => {
    const took = take(rules, state, from, groups as IncomingGroup<Op>[]);
    if (took.outcome !== 'taken') {
      startOver ||= took.outcome === 'stranger';
      return channel.again();
    }
    const was = live();
    become(took);
    if (!was) caughtUp();
  };

  const loadWhole = ({ snapshotUrl, snapshotVersion }: Whole): void => {
    abortLoading.abort();
    const { signal } = (abortLoading = new AbortController());
    loading = [];
    loadSnapshot(options.fetchSnapshot(snapshotUrl), signal).then(
      ({ doc, version }) => {
        if (signal.aborted) return;
        const frames = loading ?? [];
        loading = undefined;
        become(load(rules, state, doc, version || snapshotVersion));
        for (const frame of frames) {
          if (!welcomedHere) return; // one of them sent us to begin again
          takeOps(frame);
        }
        caughtUp();
      },
      () => { if (!signal.aborted) channel.again(); },
    );
  };

  const takeWelcome = (welcome: Welcome): void => {
    become(welcomed(rules, state, welcome));
    if (startOver) {
      startOver = false;
      rules.me.clientId = freshId();
      become(reborn(rules, state, emptyDoc));
      return channel.again();
    }
    if (blamed > 1) {
      blamed = 0;
      become(giveUpFirst(rules, state, 'badMessage'));
    }
    welcomedHere = true;
    lastWelcome = welcome;
    sentSeq = 0;
    const { opsPerSecond, opsBurst } = welcome.limits;
    if (opsPerSecond !== undefined && opsBurst !== undefined) pace.limit(opsPerSecond, opsBurst);
    pace.refill(surroundings.now());
    emit('welcome', welcome);
    if (welcome.snapshotUrl !== undefined) loadWhole({ snapshotUrl: welcome.snapshotUrl, snapshotVersion: welcome.snapshotVersion ?? 0 });
    else if (welcome.version < state.version) {
      // Our board is ahead of the server's: it is another board (a restored backup). Ours is not believed.
      become({ state: { ...state, confirmed: emptyDoc, version: 0 }, dropped: [] });
      channel.again();
    } else caughtUp();
  };

  const takeAck = (ack: Of<'ack'>): void => {
    const gap = ack.rejected?.some(({ code }) => code === 'seqGap');
    if (gap) return channel.again();
    blamed = 0;
    become(acknowledge(rules, state, ack));
  };

  const received = (message: BoardFromServer): void => {
    switch (message.t) {
      case 'welcome': return takeWelcome(message.d);
      case 'ops': {
        if (!welcomedHere) return;
        if (loading) return void loading.push(message.d);
        return takeOps(message.d);
      }
      case 'ack': return takeAck(message.d);
      case 'presence':
        presence.take({ people: message.d.people.filter(({ clientId }) => clientId !== rules.me.clientId) }, surroundings.now());
        return emit('presence', presence);
      case 'saving':
        held = message.d.saving;
        return tellSaving();
      case 'reset':
        if (welcomedHere) loadWhole(message.d);
        return;
      case 'error': {
        const { code, detail } = message.d;
        if (code === 'seqGap') return channel.again();
        return emit('problem', { code, ...(detail === undefined ? {} : { detail }) });
      }
      default: message satisfies never; // from a newer server
    }
  };

  const channel = createChannel({
    name: 'board', surroundings, address: options.address,
    opened: () => void channel.send('hello', { clientId: rules.me.clientId, lastVersion: state.version, ackedSeq: state.ackedSeq }),
    received: (message) => received(message as BoardFromServer),
    changed(next) {
      if (next.is !== 'open') {
        if (next.is === 'waiting' && (next.code === 4400 || next.code === 1009)) blamed++;
        welcomedHere = false;
        abortLoading.abort();
        loading = undefined;
        forgetPump?.();
        presence.clear();
        emit('presence', presence);
        if (held) {
          held = false;
          tellSaving();
        }
      }
      emit('connection', next);
    },
  });

  const after = (kind: 'undo' | 'redo', gestureId?: string): void => {
    become({ state: takeBack(state, kind, gestureId), dropped: [] });
    pump();
  };
  return {
    on, presence, channel, live,
    clientId: () => rules.me.clientId,
    welcome: () => lastWelcome,
    view: () => state.view,
    confirmed: () => ({ doc: state.confirmed, version: state.version }),
    unsaved: () => unsaved(state),
    apply(ops, gestureId = freshId()) {
      if (state.pending.length >= mostPending) return undefined;
      let next = state;
      for (const group of inGroups(normaliseOps(ops, options.personId))) next = edit(rules, next, gestureId, group);
      become({ state: next, dropped: [] });
      pump();
      return gestureId;
    },
    undo: (gestureId) => after('undo', gestureId),
    redo: (gestureId) => after('redo', gestureId),
    pointer: (at) => void (live() && channel.send('pointer', at)),
    stroke: (part) => void (live() && channel.send('stroke', part)),
    laser: (points) => void (live() && channel.send('laser', points)),
  };
}
