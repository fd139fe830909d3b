import { upcoming, type Lease } from '../../domain/calendar/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, lesson } from '../../domain/lesson/index.ts';
import { zoomAccount, type ZoomAccount } from '../../domain/zoomAccount/index.ts';
import { createKit, type Kit, type LessonDeps } from '../lessons/deps.ts';
import { createMoveToAccount } from '../lessons/moveToAccount.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';
import { overdueLeases, releaseOverdue } from '../zoomAccounts/overdueLeases.ts';

export type ReleaseReport = {
  /** Registered accounts that were looked at. */
  accountsProcessed: number;
  /** Leases that ended, with their lessons. */
  meetingsReleased: number;
  /** Leases past end and grace that stay, because Zoom says that the meeting is still live. */
  overruns: number;
  /** Leases that stay for now, because Zoom did not say. */
  unanswered: number;
  /** Lessons that an overrun left without a place: moved to another account, or (no other was free) only warned of. */
  movedLessons: string[];
  threatenedLessons: string[];
};

type Move = ReturnType<typeof createMoveToAccount>;
/** Zoom's silence keeps a lease no longer than this after its time. */
const patience = 60 * 60_000;
const atOnce = 8;

/** The job of that name: leases of lessons past end and grace end, unless their meeting runs on. Repeats do no harm. */
export function createReleaseFinishedZoomAccounts(deps: LessonDeps): (ctx: CommandContext) => Promise<ReleaseReport> {
  const kit = createKit(deps);
  const move = createMoveToAccount(kit);
  return async (ctx) => {
    await kit.index.refresh();
    const accounts = kit.index.accounts();
    const report: ReleaseReport = { accountsProcessed: accounts.length, meetingsReleased: 0, overruns: 0, unanswered: 0, movedLessons: [], threatenedLessons: [] };
    await mapLimited(accounts, atOnce, (account) => releaseOn(kit, move, account, ctx, report));
    return report;
  };
}

async function releaseOn(kit: Kit, move: Move, account: ZoomAccount, ctx: CommandContext, report: ReleaseReport): Promise<void> {
  const { accountId } = account;
  const grace = kit.rules.graceMinutes * 60_000;
  const overrunning: Lease[] = [];
  for (const { lease, meeting } of await overdueLeases(kit, account, grace)) {
    if (meeting === 'live') overrunning.push(lease);
    else if (meeting === 'unknown' && kit.clock.now().getTime() < lease.until + grace + patience) report.unanswered += 1;
    else {
      await releaseOverdue(kit, accountId, lease, meeting === 'unknown' ? 'past its end; Zoom did not answer' : 'past its end', ctx);
      report.meetingsReleased += 1;
    }
  }
  for (const lease of overrunning) {
    report.overruns += 1;
    const threatened = await makeRoom(kit, move, accountId, lease, ctx, report);
    await kit.pipeline.execute(
      zoomAccount, accountId, { type: 'noteOverrun', leaseId: lease.leaseId, threatens: threatened, at: kit.clock.now().toISOString() }, subcommand(ctx, 'overrun', lease.leaseId));
  }
}

/** Moves the lessons that are about to start here and would find the account full. @returns those that found no other account */
async function makeRoom({ pipeline, clock, rules }: Kit, move: Move, accountId: string, overrun: Lease, ctx: CommandContext, report: ReleaseReport): Promise<string[]> {
  const now = clock.now().getTime();
  const { state: account } = await pipeline.load(zoomAccount, accountId);
  const { leases } = account.calendar;
  const soon = upcoming(account.calendar, now).filter(({ from, holder }) => from <= now + rules.startWindowMinutes * 60_000 && leases.every((lease) => lease.holder !== holder));
  const left = Math.max(0, account.capacity - leases.length);
  const threatened: string[] = [];
  for (const { holder, reservationId } of soon.slice(left)) {
    const { state } = await pipeline.load(lesson, holder, { fresh: true });
    if (!exists(state) || state.status !== 'scheduled' || state.accountId !== accountId || state.reservationId !== reservationId) continue;
    try {
      await move({ lessonId: holder, reason: 'the lesson before it overran' }, subcommand(ctx, 'make room', overrun.leaseId, reservationId));
      report.movedLessons.push(holder);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      threatened.push(holder);
      report.threatenedLessons.push(holder);
    }
  }
  return threatened;
}
