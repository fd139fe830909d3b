import { upcoming, type Reservation } from '../../domain/calendar/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, lesson } from '../../domain/lesson/index.ts';
import { overCapacity, toBeRecorded, zoomAccount, type ZoomAccount, type ZoomAccountCommand } from '../../domain/zoomAccount/index.ts';
import type { CommandOptions } from '../answer.ts';
import type { Kit } from '../lessons/deps.ts';
import type { createMoveToAccount } from '../lessons/moveToAccount.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';
import { accountAnswer } from './answer.ts';
import { spread } from './spread.ts';
import type { ChangeZoomAccount, DisableZoomAccount, EnableZoomAccount, ZoomAccountAnswer } from './types.ts';

type Move = ReturnType<typeof createMoveToAccount>;

/** While lessons are moved away others may be planned there: that often it is tried. */
const mostRounds = 5;

/**
 * Fewer meetings at once, or no cloud recording any more, only where no planned lesson needs them.
 * @throws DomainError `zoomAccountNotFound`, `zoomAccountHasReservations`, `zoomAccountInUse`, `invalidCapacity`, `staleRevision`
 */
export const createChange = (kit: Kit, move: Move) => async (input: ChangeZoomAccount, ctx: CommandContext, options: CommandOptions = {}): Promise<ZoomAccountAnswer> => {
  const { accountId, capacity, credentialsRef, cloudRecording, move: spreads = false } = input;
  const { gapMinutes } = kit.rules;
  const now = () => kit.clock.now();
  const unrecorded = async (account: ZoomAccount) => (cloudRecording === false && account.cloudRecording ? unrecordedOf(kit, account) : undefined);
  const command = async (): Promise<ZoomAccountCommand> => {
    const spared = await unrecorded((await kit.pipeline.load(zoomAccount, accountId, { fresh: cloudRecording === false })).state);
    return {
      type: 'change', gapMinutes, at: now().toISOString(), ...(spared && { unrecorded: spared }),
      ...(capacity !== undefined && { capacity }), ...(credentialsRef !== undefined && { credentialsRef }), ...(cloudRecording !== undefined && { cloudRecording }),
    };
  };
  const inTheWay = async (account: ZoomAccount) => {
    const spared = await unrecorded(account);
    const recorded = spared ? toBeRecorded(account, spared, now().getTime()) : [];
    return [...new Set([...overCapacity(account, capacity ?? account.capacity, gapMinutes, now().getTime()), ...recorded])];
  };
  const reason = capacity === undefined ? 'its account records no more' : 'its account takes fewer meetings';
  return changing(kit, move, accountId, command, spreads ? inTheWay : undefined, reason, ctx, options);
};

/** Reservations of lessons that do without cloud recording. A place that no lesson is at yet may be meant for one that needs it. */
async function unrecordedOf({ pipeline, clock }: Kit, account: ZoomAccount): Promise<ReadonlySet<string>> {
  const ids = await mapLimited(upcoming(account.calendar, clock.now().getTime()), 8, async ({ holder, reservationId }) => {
    const { state } = await pipeline.load(lesson, holder, { fresh: true });
    const needsIt = !exists(state) || (state.status !== 'cancelled' && state.status !== 'finished' && (state.autoRecord || state.reservationId !== reservationId));
    return needsIt ? [] : [reservationId];
  });
  return new Set(ids.flat());
}

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
  kit: Kit, move: Move, accountId: string, command: () => ZoomAccountCommand | Promise<ZoomAccountCommand>,
  inTheWay: ((account: ZoomAccount) => readonly Reservation[] | Promise<readonly Reservation[]>) | undefined,
  reason: string, ctx: CommandContext, options: CommandOptions,
): Promise<ZoomAccountAnswer> {
  const { pipeline } = kit;
  const moved: string[] = [];
  for (let round = 1; ; round += 1) {
    try {
      // Moving lessons away writes to this account: only the first look is the caller's.
      return accountAnswer(await pipeline.execute(zoomAccount, accountId, await command(), ctx, { step: 'change', ...(moved.length === 0 ? options : {}) }), moved);
    } catch (error) {
      if (!inTheWay || !(error instanceof DomainError && error.code === 'zoomAccountHasReservations') || round === mostRounds) throw error;
      const { state } = await pipeline.load(zoomAccount, accountId, { fresh: true });
      moved.push(...(await spread(kit, move, state, await inTheWay(state), reason, subcommand(ctx, 'round', round))));
    }
  }
}
