import { DomainError } from '../../domain/kernel/domainError.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { CommandOptions } from '../answer.ts';
import { leaseOf } from '../calendarSteps.ts';
import type { Kit } from '../lessons/deps.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { accountAnswer } from './answer.ts';
import type { AcquireZoomAccount, LeaseAnswer, ReleaseZoomAccount, ZoomAccountAnswer } from './types.ts';

/** A place in use. A holder that has one already is answered with it. @throws DomainError `noLeaseFree` (with `leases`: who has them), `zoomAccountDisabled`, `zoomAccountNotFound`, `emptyInterval` */
export const createAcquire = ({ steps, clock }: Kit) => async ({ accountId, holder, until }: AcquireZoomAccount, ctx: CommandContext, options?: CommandOptions): Promise<LeaseAnswer> => {
  if (Date.parse(until) <= clock.now().getTime()) throw new DomainError('emptyInterval', 'the planned end lies in the future', { until });
  const leaseId = deriveId(ctx.commandId, 'lease', accountId, holder);
  const executed = await steps.acquireLease(accountId, { leaseId, holder, until }, ctx, 'acquire', options);
  return { ...accountAnswer(executed), leaseId: leaseOf(executed.state.calendar, holder)?.leaseId ?? leaseId };
};

/** Once, and only this lease: a late release never ends the lease of whoever came next. @throws DomainError `zoomAccountNotFound` */
export const createRelease = ({ steps }: Kit) => async ({ accountId, leaseId, reason = 'released by hand' }: ReleaseZoomAccount, ctx: CommandContext, options?: CommandOptions): Promise<ZoomAccountAnswer> =>
  accountAnswer(await steps.releaseLease(accountId, leaseId, reason, ctx, 'release', options));
