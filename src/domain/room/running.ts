import { DomainError } from '../kernel/domainError.ts';
import { mustMay } from './allowed.ts';
import { checkTimes } from './checks.ts';
import type { RoomCommand } from './commands.ts';
import type { RoomEvent } from './evolve.ts';
import { msBetween, participantOf, type Room } from './state.ts';

type RunningCommand = Extract<RoomCommand, { type: 'start' | 'pause' | 'resume' | 'complete' | 'terminate' | 'expire' | 'reschedule' | 'hostAbsent' | 'hostReturned' }>;

/** A host who is back within this time finds the room as it was. Milliseconds. */
export const hostGraceMs = 5 * 60_000;

/** How the sitting begins, is held, and ends. The room has not ended. */
export function decideRunning(command: RunningCommand, room: Room): RoomEvent[] {
  const { roomId, status } = room;
  const { at, by } = command;
  const data = { roomId, at, by: by.personId };
  const begun = status === 'active' || status === 'paused';
  switch (command.type) {
    case 'start':
      mustMay(room, by, 'start');
      if (status === 'paused') throw new DomainError('roomPaused', 'this room is paused: resume it');
      return status === 'active' ? [] : [{ type: 'RoomStarted', data }];
    case 'pause':
      mustMay(room, by, 'pause');
      if (!begun) throw notStarted();
      return status === 'paused' ? [] : [{ type: 'RoomPaused', data }];
    case 'resume':
      mustMay(room, by, 'resume');
      if (!begun) throw notStarted();
      return status === 'paused' || room.locked ? [{ type: 'RoomResumed', data }] : [];
    case 'complete':
      mustMay(room, by, 'complete');
      if (!begun) throw notStarted();
      return [{ type: 'RoomCompleted', data }];
    case 'terminate':
      mustMay(room, by, 'terminate');
      return [{ type: 'RoomTerminated', data: { ...data, reason: command.reason } }];
    case 'expire':
      if (begun) throw new DomainError('roomStarted', 'this room has been started');
      return [{ type: 'RoomExpired', data: { ...data, reason: command.reason } }];
    case 'reschedule': {
      const { scheduledStart, scheduledEnd } = command;
      mustMay(room, by, 'updateSettings');
      if (begun) throw new DomainError('roomStarted', 'this room has been started');
      checkTimes(scheduledStart, scheduledEnd);
      return scheduledStart === room.scheduledStart && scheduledEnd === room.scheduledEnd ? [] : [{ type: 'RoomRescheduled', data: { ...data, scheduledStart, scheduledEnd } }];
    }
    case 'hostAbsent':
      if (status !== 'active' || room.hostAbsence !== null || participantOf(room, room.hostId)?.status === 'connected') return [];
      return [{ type: 'HostAbsent', data: { roomId, at, hostId: room.hostId, effect: room.settings.hostAbsence } }];
    case 'hostReturned':
      return participantOf(room, room.hostId)?.status === 'connected' ? hostBack(room, at) : [];
  }
}

/** The absence that was noted is over. */
export const hostBack = ({ roomId, hostId, hostAbsence }: Room, at: string): RoomEvent[] =>
  hostAbsence === null ? [] : [{ type: 'HostReturned', data: { roomId, at, hostId, inTime: msBetween(hostAbsence.at, at) <= hostGraceMs } }];

const notStarted = () => new DomainError('roomNotStarted', 'this room has not been started');
