import type { Clock } from '../../ports/clock.ts';
import type { JobRequest } from '../reactors/reactor.ts';
import type { HostDays } from './hostDays.ts';
import { day } from './syncMeeting.ts';
import { syncMeetingJob } from './zoomReactor.ts';

/** A lesson that wants a meeting and has none (none, deleted, or claimed and not finished), as the read model sees it. */
export type LessonWithoutMeeting = { lessonId: string; accountId: string; startsAt: string };

export type MintDeps = {
  /** Those that end after `now` and begin before `until` (RFC 3339), soonest first, at most `limit`; failed ones have a job of their own. */
  lessonsWithoutMeeting(now: string, until: string, limit: number): Promise<LessonWithoutMeeting[]>;
  hostDays: Pick<HostDays, 'left'>;
  enqueue(requests: readonly JobRequest[]): Promise<void>;
  clock: Clock;
  /** Default 14 days. */
  mintAheadMs?: number;
};

const mostAtOnce = 5_000;

/**
 * Asks for a look at every lesson of the next 14 days that has no meeting yet, soonest first and no more of a host than its day has
 * room for: lessons come within reach as time goes by, days' allowances come back at 00:00 UTC, and the clock may be moved.
 */
export function createMintUpcomingMeetings({ lessonsWithoutMeeting, hostDays, enqueue, clock, mintAheadMs = 14 * day }: MintDeps) {
  return async (): Promise<{ lessonsWaiting: number; meetingsAsked: number }> => {
    const now = clock.now().getTime();
    const waiting = await lessonsWithoutMeeting(new Date(now).toISOString(), new Date(now + mintAheadMs).toISOString(), mostAtOnce);
    const room = new Map<string, number>();
    const asked: LessonWithoutMeeting[] = [];
    for (const lesson of waiting) {
      const use = Date.parse(lesson.startsAt) - now < day ? 'sameDay' : 'ahead';
      const key = `${use} ${lesson.accountId}`;
      const left = room.get(key) ?? (await hostDays.left(lesson.accountId, use));
      room.set(key, left - 1);
      if (left > 0) asked.push(lesson);
    }
    // Jobs run in the order of their time: a millisecond apart, all of them due.
    await enqueue(asked.map((lesson, index) => ({ ...syncMeetingJob(lesson.lessonId), runAt: new Date(Date.now() - asked.length + index) })));
    return { lessonsWaiting: waiting.length, meetingsAsked: asked.length };
  };
}
