import { deriveId } from '../../eventLog/ids.ts';
import { leaseOf } from '../calendarSteps.ts';
import type { Kit } from '../lessons/deps.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { accountAnswer } from './answer.ts';
import type { AcquireZoomAccount, LeaseAnswer, ReleaseZoomAccount, ZoomAccountAnswer } from './types.ts';

/** A place in use. A holder that has one already is answered with it. @throws DomainError `noLeaseFree` (with `leases`: who has them), `zoomAccountDisabled`, `zoomAccountNotFound` */
export const createAcquire = ({ steps }: Kit) => async ({ accountId, holder, until }: AcquireZoomAccount, ctx: CommandContext): Promise<LeaseAnswer> => {
  const leaseId = deriveId(ctx.commandId, 'lease', accountId, holder);
  const executed = await steps.acquireLease(accountId, { leaseId, holder, until }, ctx, 'acquire');
  return { ...accountAnswer(executed), leaseId: leaseOf(executed.state.calendar, holder)?.leaseId ?? leaseId };
};

/** Once, and only this lease: a late release never ends the lease of whoever came next. @throws DomainError `zoomAccountNotFound` */
export const createRelease = ({ steps }: Kit) => async ({ accountId, leaseId, reason = 'released by hand' }: ReleaseZoomAccount, ctx: CommandContext): Promise<ZoomAccountAnswer> =>
  accountAnswer(await steps.releaseLease(accountId, leaseId, reason, ctx, 'release'));
