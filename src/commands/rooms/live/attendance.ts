import { exists, isEnded, isHere, type RoomCommand, type RoomState } from '../../../domain/room/index.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { RoomTimes } from './parts.ts';

type Clockwork = Extract<RoomCommand, { type: 'connect' | 'drop' | 'releaseSeat' | 'hostAbsent' | 'hostReturned' }>;
type Asked = Clockwork extends infer C ? (C extends Clockwork ? Omit<C, 'by' | 'at'> : never) : never;

/**
 * Notes who is there by their sockets. For each person at most one timer runs, and it is for the next thing that their silence brings:
 *
 *   connected, no socket   → (at once; after a change of owner `returnMs`) drop
 *   joining, reconnecting  → (seatMs, what was before this owner counts) releaseSeat       a socket → connect
 *   the host, no socket    → (hostAbsentMs, while the room is active) hostAbsent
 *
 * The decider has the last word on each; what is not (or no longer) so gives nothing. What could not be said (the log was away) is said
 * again after `againMs`: a quiet room would not look by itself.
 */
export type Attendance = {
  /** The room has changed, or somebody's sockets have. */
  review(room: RoomState): void;
  stop(): void;
};

export function createAttendance({ times, clock, isPresent, ask }: {
  times: Pick<RoomTimes, 'seatMs' | 'hostAbsentMs' | 'returnMs' | 'againMs'>;
  clock: Clock;
  isPresent(personId: string): boolean;
  /** `failed`: it could not be said now. */
  ask(command: Asked, failed: () => void): void;
}): Attendance {
  const timers = new Map<string, { kind: string; timer: NodeJS.Timeout }>();
  const asked = new Map<string, string>();
  /** Whoever was connected when this owner began gets a moment to come back. */
  const began = performance.now();
  const beganAt = clock.now().getTime();
  let stopped = false;

  const clear = (key: string): void => {
    clearTimeout(timers.get(key)?.timer);
    timers.delete(key);
  };
  /** Runs for what it was set for, however often it is looked at meanwhile. */
  const within = (key: string, kind: string, ms: number, command: Asked): void => {
    if (timers.get(key)?.kind === kind) return;
    clear(key);
    timers.set(key, { kind, timer: setTimeout(() => {
      timers.delete(key);
      ask(command, () => again(key, kind, command));
    }, ms) });
  };
  const again = (key: string, kind: string, command: Asked): void => {
    if (!stopped && !timers.has(key)) within(key, kind, times.againMs, command);
  };
  /** Once per state that it is asked in. */
  const once = (personId: string, since: string, command: Asked): void => {
    clear(personId);
    if (asked.get(personId) === `${command.type} ${since}`) return;
    asked.set(personId, `${command.type} ${since}`);
    ask(command, () => {
      asked.delete(personId);
      again(personId, `${command.type} ${since}`, command);
    });
  };
  /** A seat that is silent since before this owner began has used up that much; the moment to come back it has anyway. */
  const seatLeft = (since: string): number => Math.min(times.seatMs, Math.max(times.returnMs, times.seatMs - Math.max(0, beganAt - Date.parse(since))));

  return {
    review(room) {
      if (!exists(room) || isEnded(room)) {
        for (const key of [...timers.keys()]) clear(key);
        return;
      }
      for (const { personId, status, waiting, since } of Object.values(room.people)) {
        const here = isPresent(personId);
        if (here && (status === 'joining' || status === 'reconnecting') && !waiting) once(personId, since, { type: 'connect', personId });
        else if (!here && status === 'connected') {
          const left = times.returnMs - (performance.now() - began);
          if (left > 0) within(personId, `drop ${since}`, left, { type: 'drop', personId });
          else once(personId, since, { type: 'drop', personId });
        } else if (!here && (status === 'joining' || status === 'reconnecting')) within(personId, `${status} ${since}`, seatLeft(since), { type: 'releaseSeat', personId });
        else clear(personId);
      }
      for (const key of [...timers.keys()]) if (key !== hostKey && !isHere(room.people[key])) clear(key);
      if (room.hostAbsence !== null && isPresent(room.hostId) && room.people[room.hostId]?.status === 'connected') once(hostKey, room.hostAbsence.at, { type: 'hostReturned' });
      else if (room.status === 'active' && room.hostAbsence === null && !isPresent(room.hostId)) within(hostKey, room.hostId, times.hostAbsentMs, { type: 'hostAbsent' });
      else clear(hostKey);
    },
    stop() {
      stopped = true;
      for (const { timer } of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** No person's id: they have at least one character. */
const hostKey = '';
