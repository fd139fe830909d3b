import { neighbours, reservationOf, shownReservation, type Wish } from '../../domain/calendar/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { teacherAgenda } from '../../domain/teacherAgenda/index.ts';
import { zoomAccount } from '../../domain/zoomAccount/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Booking, CalendarSteps } from '../calendarSteps.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Executed, Pipeline } from '../pipeline/pipeline.ts';
import { searchFreeSlots } from './freeSlots.ts';
import type { Needs, PoolIndex } from './poolIndex.ts';

export type PlaceWanted = Booking & {
  teacherId: string;
  autoRecord: boolean;
  /** Tried before all others, if it is free. */
  prefer?: string | null;
  /** Not these. */
  except?: readonly string[];
  /** Only accounts on which a meeting could begin now. */
  leaseFree?: boolean;
};

export type Places = {
  /**
   * Reserves a place on the account that suits best; when another command was faster, on the next. That none is free is said only
   * after the pool and every account were read to the head.
   * @throws DomainError `noZoomAccountFree` with `conflicts` (whose reservations are in the way) and `suggestions` (nearest free starts)
   */
  reserve(wanted: PlaceWanted, ctx: CommandContext, step: string): Promise<{ accountId: string; position: string }>;
};

/** Refusals of one account that make another one worth trying. */
const tryNext = new Set(['placeTaken', 'reservationTaken', 'zoomAccountDisabled', 'zoomAccountCannotRecord', 'zoomAccountNotFound']);
const mostShown = 20;
/** Looking through that many calendars takes about a millisecond; with more, others get their turn in between. */
const slice = 50;

export function createPlaces({ pipeline, index, steps, clock, gapMinutes }: {
  pipeline: Pipeline; index: PoolIndex; steps: CalendarSteps; clock: Clock; gapMinutes: number;
}): Places {
  const gap = gapMinutes * 60_000;
  const turn = createTurns();
  const wishOf = ({ lessonId, from, until }: PlaceWanted): Wish => ({ from: Date.parse(from), until: Date.parse(until), gap, holder: lessonId });

  async function tryAccount(accountId: string, wish: Wish, wanted: PlaceWanted, ctx: CommandContext, step: string) {
    const { lessonId, reservationId, from, until, autoRecord } = wanted;
    const unclaim = index.claim(accountId, wish);
    try {
      const executed: Executed<unknown, unknown> = await steps.reservePlace(accountId, { lessonId, reservationId, from, until, recording: autoRecord }, ctx, step);
      return { accountId, position: executed.position };
    } catch (error) {
      if (error instanceof DomainError && tryNext.has(error.code)) return undefined;
      throw error;
    } finally {
      unclaim();
    }
  }

  return {
    async reserve(wanted, ctx, step) {
      await index.ready();
      const wish = wishOf(wanted);
      if (ctx.mayBeRepeat) {
        // A first run may have its place already, on an account that would not be chosen now.
        await index.refresh();
        const held = index.accounts().find(({ calendar }) => {
          const there = reservationOf(calendar, wanted.lessonId, wanted.reservationId);
          return there?.from === wish.from && there.until === wish.until;
        });
        if (held) return { accountId: held.accountId, position: (await pipeline.load(zoomAccount, held.accountId)).position };
      }
      for (const claims of ['heeded', 'ignored'] as const) {
        if (claims === 'ignored') await index.refresh();
        const except = new Set(wanted.except);
        const needs: Needs = { autoRecord: wanted.autoRecord, leaseFree: wanted.leaseFree ?? false, except, prefer: wanted.prefer ?? null };
        for (;;) {
          if (claims === 'ignored' && index.accounts().length > slice) await turn();
          const accountId = index.choose(wish, needs, claims);
          if (accountId === undefined) break;
          const place = await tryAccount(accountId, wish, wanted, ctx, step);
          if (place) return place;
          except.add(accountId);
        }
      }
      throw await noneFree(wanted, wish);
    },
  };

  async function noneFree(wanted: PlaceWanted, wish: Wish): Promise<DomainError> {
    const { except = [], autoRecord, teacherId } = wanted;
    const suitable = index.accounts().filter((a) => a.enabled && (a.cloudRecording || !autoRecord) && !except.includes(a.accountId));
    const agenda = (await pipeline.load(teacherAgenda, teacherId)).state;
    const search = searchFreeSlots(wish, [{ calendar: agenda, capacity: 1, gap: 0 }], { now: clock.now().getTime(), count: 3 });
    const conflicts: object[] = [];
    for (const [i, { accountId, calendar, capacity }] of suitable.entries()) {
      if (i > 0 && i % slice === 0) await turn();
      if (conflicts.length < mostShown) for (const one of neighbours(calendar, wish)) conflicts.push({ accountId, ...shownReservation(one) });
      search.look({ calendar, capacity, gap });
    }
    return new DomainError('noZoomAccountFree', suitable.length === 0 ? 'the pool has no suitable account' : 'no Zoom account is free at that time', {
      conflicts: conflicts.slice(0, mostShown),
      suggestions: search.found().map((start) => ({ startsAt: new Date(start).toISOString(), endsAt: new Date(start + wish.until - wish.from).toISOString() })),
    });
  }
}

/** Each caller goes on in a turn of the event loop of its own, so that many refusals at once do not keep everybody else waiting. */
function createTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => (last = last.then(() => new Promise((resolve) => setImmediate(resolve))));
}
