import type { Clock } from '../../../ports/clock.ts';
import type { RoomImages } from '../../../ports/roomImages.ts';
import type { Answer, CommandOptions } from '../../answer.ts';
import type { CommandContext } from '../../pipeline/context.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { RoomCommand } from '../../../domain/room/index.ts';
import type { BoardReader } from '../boardReader.ts';
import type { RoomDoor } from '../roomLink.ts';

export type RoomDeps = {
  pipeline: Pipeline;
  /** The way to whoever owns a room. */
  door: Pick<RoomDoor, 'execute'>;
  clock: Clock;
  boards: Pick<BoardReader, 'keepBoard'>;
  images: Pick<RoomImages, 'share'>;
  /** Counts a try of this person at the code of this room. @throws when they have had too many */
  countTry(roomId: string, personId: string): Promise<void>;
};

type Without<C, Key extends PropertyKey> = C extends unknown ? Omit<C, Key> : never;
/** A command of the aggregate without who says so and when. */
export type Asked = Without<Exclude<RoomCommand, { type: 'create' | 'createSolo' }>, 'by' | 'at'>;

export type Decide = (roomId: string, asked: Asked, ctx: CommandContext, options?: CommandOptions) => Promise<Answer>;
