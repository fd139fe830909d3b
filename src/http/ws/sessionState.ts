import type { CloseCode } from '../../commands/rooms/protocol/closeCodes.ts';
import type { Hello, OwnerSide } from '../../commands/rooms/roomLink.ts';
import type { Edge } from './edge.ts';
import type { EdgeRoom, Seat } from './edgeRoom.ts';
import type { Gate } from './gate.ts';
import type { Outbox } from './outbox.ts';

/*
 * One socket, from its upgrade to its close:
 *
 *   connecting ─ticket─▶ greeting ─hello─▶ attaching ─owner─▶ catchingUp ⇄ live ─▶ draining ─▶ closed
 *                 └── webrtc, system ─────────▶┘   └── webrtc, system ────▶┘
 *
 * connecting  its ticket is looked at; nothing is read, and it ends when that takes too long
 * greeting    a board socket that has not said `hello`
 * attaching   its room opens, maybe elsewhere; nothing is read, and it ends when that takes too long
 * catchingUp  stands at `at`, and reads the log up to where the room is: at the beginning, after `sync`, or because it was too slow
 * live        stands at `at` and gets every broadcast; `at` is 0 for ever on channels without a log
 * draining    the close frame is out, the other side's is awaited; nothing that comes is taken
 * closed      the connection is gone
 */
export type CatchUpReason = 'resume' | 'slow' | 'sync';
export type SessionState =
  | { name: 'connecting' }
  | { name: 'greeting' }
  | { name: 'attaching'; since: number; early?: Buffer[] }
  | { name: 'catchingUp'; at: number; because: CatchUpReason }
  | { name: 'live'; at: number }
  | { name: 'draining'; code: CloseCode; until: number }
  | { name: 'closed' };

export type Session = Seat & {
  state(): SessionState;
  readonly edge: Edge;
  readonly outbox: Outbox;
  readonly gate: Gate;
  /** Who this is to the board, once it said so; `isNew`: it has nothing yet, its own groups included. */
  you: { personId: string; clientId: string; isNew: boolean } | undefined;
  /** The ticket was good. */
  admitted(personId: string, greets: (session: Session, hello?: Hello) => void): void;
  /** It takes a seat in its room, and leaves it however it ends: an owner who does not answer keeps nobody there. */
  enters(room: EdgeRoom): void;
  /** The owner has taken it in: from now on it misses nothing, though its welcome is still being made. */
  expectsWelcome(owner: OwnerSide): void;
  attached(frames: readonly Buffer[], at: number): void;
  /** From `catchUp`: it has sent everything up to here; then: it has nothing more to send. */
  movedTo(at: number): void;
  isLive(): void;
  send(frame: Buffer): void;
  /** Called every so often: deadlines and pings. */
  sweep(): void;
};
