import { aggregate } from '../kernel/decider.ts';
import type { RoomCommand } from './commands.ts';
import { decideRoom } from './decide.ts';
import { roomEvents } from './events.ts';
import { evolveRoom } from './evolve.ts';
import { noRoom, type RoomState } from './state.ts';

export type { By, Entitlement, NewRoom, RoomCommand, RoomCommandType, SnapshotRow } from './commands.ts';
export type { RoomEvent } from './evolve.ts';
export { mostParticipants } from './checks.ts';
export { mustMay } from './allowed.ts';
export { hostGraceMs } from './running.ts';
export {
  type ConnectionQuality, type DrawingRefusal, durationOf, exists, type HostAbsence, isEnded, isHere, isHost, isSeated, mayDraw, type Media, type Participant, participantOf,
  type ParticipantStatus, permissionsOf, type Room, type RoomSettings, type RoomState, type RoomStatus, type RoomType, secondsOf, type SnapshotType, whyNotDraw,
} from './state.ts';

/** Stream `room-<roomId>`. Written by the room's owner alone, but for its first event. */
export const room = aggregate<RoomState, RoomCommand, typeof roomEvents>({
  category: 'room',
  events: roomEvents,
  decider: { initial: noRoom, evolve: evolveRoom, decide: decideRoom },
});
