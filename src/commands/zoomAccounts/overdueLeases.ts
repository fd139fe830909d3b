import type { Lease } from '../../domain/calendar/index.ts';
import { exists, lesson } from '../../domain/lesson/index.ts';
import type { ZoomAccount } from '../../domain/zoomAccount/index.ts';
import { zoomMeeting } from '../../domain/zoomMeeting/index.ts';
import { MeetingsError } from '../../ports/meetings.ts';
import type { Kit } from '../lessons/deps.ts';
import { finish } from '../lessons/end.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';

/** Zoom's word on a lease whose time is over: `unknown` when Zoom did not say. */
export type OverdueLease = { lease: Lease; meeting: 'live' | 'notLive' | 'unknown' };

/** The account's leases whose planned end plus `graceMs` has passed, each with Zoom's word on whether its meeting still runs. Asks Zoom only when there are any. */
export async function overdueLeases({ pipeline, clock, meetings }: Kit, account: ZoomAccount, graceMs: number): Promise<OverdueLease[]> {
  const now = clock.now().getTime();
  const overdue = account.calendar.leases.filter(({ until }) => until + graceMs <= now);
  if (overdue.length === 0) return [];
  const live = await meetings.live({ credentialsRef: account.credentialsRef, user: account.zoomUser }).then((ids) => new Set(ids), (error: unknown) => {
    if (error instanceof MeetingsError) return undefined;
    throw error;
  });
  return Promise.all(overdue.map(async (lease): Promise<OverdueLease> => {
    if (!live) return { lease, meeting: 'unknown' };
    const { state } = await pipeline.load(zoomMeeting, lease.holder, { fresh: live.size > 0 });
    return { lease, meeting: state.known.some(({ meetingId }) => live.has(meetingId)) ? 'live' : 'notLive' };
  }));
}

/**
 * Ends the lesson that holds the lease, if it is live, and the lease with it. The lesson first: the job finds its work by the leases, so a lesson that
 * stayed live because an answer was lost in between would never be looked at again. And once more behind it: it may have been started meanwhile.
 */
export async function releaseOverdue(kit: Kit, accountId: string, { leaseId, holder }: Lease, reason: string, ctx: CommandContext): Promise<void> {
  const own = subcommand(ctx, 'release overdue', leaseId);
  const endLesson = async () => {
    const { state } = await kit.pipeline.load(lesson, holder, { fresh: true });
    if (exists(state) && state.status === 'live') await finish(kit, holder, 'releaseJob', own);
  };
  await endLesson();
  await kit.steps.releaseLease(accountId, leaseId, reason, own, 'release lease');
  await endLesson();
}
