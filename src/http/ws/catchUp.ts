import { setTimeout as pause } from 'node:timers/promises';
import type { EdgeRoom } from './edgeRoom.ts';
import { framesFor, type Page } from './logPages.ts';
import type { Session } from './sessionState.ts';
import { textFrame } from './textFrame.ts';

/** How long a log that does not answer is asked again, and how often. Milliseconds. */
const patienceMs = 10_000;
const againMs = 200;

/**
 * Brings a socket from where it stands to where its room is, from the log: a page whenever less than `resumeLiveBytes` waits for it. What
 * is broadcast meanwhile is left out, the log has it; the last page ends where the room is at that very moment, and from there it is live.
 * A long way, or one with a restore in it, is not played but skipped by a `reset` to a snapshot.
 * @throws when the log does not answer for 10 s
 */
export async function catchUp(session: Session, room: EdgeRoom): Promise<void> {
  const { limits, pages, newestSnapshot } = session.edge;
  const state = session.state();
  const isOn = (): boolean => session.state() === state;
  const reset = (version: number): void => {
    session.send(textFrame(JSON.stringify({ t: 'reset', d: { version, snapshotUrl: session.edge.snapshotUrl(room.roomId, version), snapshotVersion: version } })));
    session.movedTo(version);
  };
  let skipped = false;
  while (state.name === 'catchingUp' && isOn()) {
    await session.outbox.below(limits.resumeLiveBytes);
    if (!isOn()) return;
    const { at } = state;
    if (at >= room.version()) return session.isLive();
    if (!skipped && room.version() - at > limits.tailGroups) {
      skipped = true; // once: what comes after the newest snapshot is played, however much it is
      const snapshot = await patiently(isOn, () => newestSnapshot(room.roomId));
      if (isOn() && snapshot !== undefined && snapshot > at) reset(snapshot);
      continue;
    }
    const page = await patiently(isOn, () => pages.read(room.roomId, at, room.version()));
    if (!page || !isOn()) return;
    const restoredAt = page.groups.findLast((group) => group.isRestore)?.version;
    if (restoredAt === undefined) await play(session, page, isOn);
    else {
      const snapshot = await patiently(isOn, () => reaching(restoredAt, newestSnapshot(room.roomId)));
      if (isOn() && snapshot !== undefined) reset(snapshot);
    }
  }
}

/** Frame by frame, as fast as they are read: a page may be larger than what may wait. */
async function play(session: Session, page: Page, isOn: () => boolean): Promise<void> {
  for (const frame of framesFor(page, session.you?.isNew ? undefined : session.you)) {
    await session.outbox.below(session.edge.limits.resumeLiveBytes);
    if (!isOn()) return;
    session.send(frame);
  }
  session.movedTo(page.to);
}

/** @throws when there is no snapshot yet at or after this version */
async function reaching(version: number, newest: Promise<number | undefined>): Promise<number> {
  const snapshot = await newest;
  if (snapshot === undefined || snapshot < version) throw new Error(`the board was restored at ${version}, and there is no snapshot of it yet`);
  return snapshot;
}

/** @returns undefined when nobody waits for it any more */
async function patiently<T>(isOn: () => boolean, read: () => Promise<T>): Promise<T | undefined> {
  for (const until = performance.now() + patienceMs; ;) {
    try {
      return await read();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await pause(againMs);
    if (!isOn()) return undefined;
  }
}
