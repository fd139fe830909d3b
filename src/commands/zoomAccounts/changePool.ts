import { upcoming, type Reservation } from '../../domain/calendar/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { overCapacity, zoomAccount, type ZoomAccount, type ZoomAccountCommand } from '../../domain/zoomAccount/index.ts';
import type { CommandOptions } from '../answer.ts';
import type { Kit } from '../lessons/deps.ts';
import type { createMoveToAccount } from '../lessons/moveToAccount.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';
import { accountAnswer } from './answer.ts';
import { spread } from './spread.ts';
import type { ChangeZoomAccount, DisableZoomAccount, EnableZoomAccount, ZoomAccountAnswer } from './types.ts';

type Move = ReturnType<typeof createMoveToAccount>;

/** While lessons are moved away others may be planned there: that often it is tried. */
const mostRounds = 5;

/** @throws DomainError `zoomAccountNotFound`, `zoomAccountHasReservations`, `zoomAccountInUse`, `invalidCapacity`, `staleRevision` */
export const createChange = (kit: Kit, move: Move) => async (input: ChangeZoomAccount, ctx: CommandContext, options: CommandOptions = {}): Promise<ZoomAccountAnswer> => {
  const { accountId, capacity, credentialsRef, cloudRecording, move: spreads = false } = input;
  const { gapMinutes } = kit.rules;
  const now = () => kit.clock.now();
  const command = (): ZoomAccountCommand => ({
    type: 'change', gapMinutes, at: now().toISOString(),
    ...(capacity !== undefined && { capacity }), ...(credentialsRef !== undefined && { credentialsRef }), ...(cloudRecording !== undefined && { cloudRecording }),
  });
  const inTheWay = (account: ZoomAccount) => overCapacity(account, capacity ?? account.capacity, gapMinutes, now().getTime());
  return changing(kit, move, accountId, command, spreads ? inTheWay : undefined, 'its account takes fewer meetings', ctx, options);
};

/** @throws DomainError `zoomAccountNotFound`, `zoomAccountHasReservations`, `staleRevision` */
export const createDisable = (kit: Kit, move: Move) => async (input: DisableZoomAccount, ctx: CommandContext, options: CommandOptions = {}): Promise<ZoomAccountAnswer> => {
  const { accountId, reason, move: spreads = false } = input;
  const command = (): ZoomAccountCommand => ({ type: 'disable', reason, at: kit.clock.now().toISOString() });
  const inTheWay = (account: ZoomAccount) => upcoming(account.calendar, kit.clock.now().getTime());
  return changing(kit, move, accountId, command, spreads ? inTheWay : undefined, 'its account is disabled', ctx, options);
};

/** @throws DomainError `zoomAccountNotFound`, `staleRevision` */
export const createEnable = ({ pipeline }: Kit) => async ({ accountId }: EnableZoomAccount, ctx: CommandContext, options: CommandOptions = {}): Promise<ZoomAccountAnswer> =>
  accountAnswer(await pipeline.execute(zoomAccount, accountId, { type: 'enable' }, ctx, { step: 'change', ...options }));

/** Gives the command; when plans are in its way and may be moved, moves them and gives it again. */
async function changing(
  kit: Kit, move: Move, accountId: string, command: () => ZoomAccountCommand, inTheWay: ((account: ZoomAccount) => readonly Reservation[]) | undefined,
  reason: string, ctx: CommandContext, options: CommandOptions,
): Promise<ZoomAccountAnswer> {
  const { pipeline } = kit;
  const moved: string[] = [];
  for (let round = 1; ; round += 1) {
    try {
      // Moving lessons away writes to this account: only the first look is the caller's.
      return accountAnswer(await pipeline.execute(zoomAccount, accountId, command(), ctx, { step: 'change', ...(moved.length === 0 ? options : {}) }), moved);
    } catch (error) {
      if (!inTheWay || !(error instanceof DomainError && error.code === 'zoomAccountHasReservations') || round === mostRounds) throw error;
      const { state } = await pipeline.load(zoomAccount, accountId, { fresh: true });
      moved.push(...(await spread(kit, move, state, inTheWay(state), reason, subcommand(ctx, 'round', round))));
    }
  }
}
