import { aggregate } from '../kernel/decider.ts';
import { DomainError } from '../kernel/domainError.ts';
import { emptyList, find, insert, type SortedList } from '../kernel/sortedList.ts';
import { zoomPoolEvents } from './events.ts';

export type Member = { accountId: string; zoomUser: string };

/** In the order they came. A member that was never registered (its own stream says so) counts as nothing. */
export type ZoomPool = { members: SortedList<Member & { order: number }>; byUser: SortedList<Member> };

export type ZoomPoolCommand = { type: 'enlist'; accountId: string; zoomUser: string };

/** The one pool of a school: stream `zoomPool-school`. */
export const poolId = 'school';

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byUser = (a: Member, b: { zoomUser: string }) => compare(a.zoomUser, b.zoomUser);
const byOrder = (a: { order: number }, b: { order: number }) => a.order - b.order;

/** Zoom takes e-mail addresses in any case. */
export const sameUser = (zoomUser: string): string => zoomUser.trim().toLowerCase();

export const zoomPool = aggregate<ZoomPool, ZoomPoolCommand, typeof zoomPoolEvents>({
  category: 'zoomPool',
  events: zoomPoolEvents,
  decider: {
    initial: { members: emptyList(), byUser: emptyList() },
    evolve(state, { data: { accountId, zoomUser } }) {
      const member = { accountId, zoomUser: sameUser(zoomUser) };
      return { members: insert(state.members, { ...member, order: state.members.size }, byOrder), byUser: insert(state.byUser, member, byUser) };
    },
    decide({ accountId, zoomUser }, state) {
      const there = find(state.byUser, { zoomUser: sameUser(zoomUser) }, byUser);
      if (!there) return [{ type: 'ZoomUserEnlisted', data: { accountId, zoomUser } }];
      if (there.accountId === accountId) return [];
      throw new DomainError('zoomUserEnlisted', 'this Zoom user is in the pool already', { accountId: there.accountId });
    },
  },
});
