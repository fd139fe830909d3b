import { createMintUpcomingMeetings, type LessonWithoutMeeting } from '../../../src/adapters/zoom/mintUpcomingMeetings.ts';
import type { JobRequest } from '../../../src/adapters/reactors/reactor.ts';

const now = new Date('2026-03-02T10:00:00Z');
const inHours = (hours: number) => new Date(now.getTime() + hours * 3600_000).toISOString();

async function sweep(waiting: LessonWithoutMeeting[], left: (accountId: string, use: 'ahead' | 'sameDay') => number) {
  const asked: JobRequest[] = [];
  const seen: string[] = [];
  const mint = createMintUpcomingMeetings({
    lessonsWithoutMeeting: async (from, until) => {
      seen.push(from, until);
      return waiting;
    },
    hostDays: { left: async (accountId, use) => left(accountId, use) }, enqueue: async (requests) => void asked.push(...requests), clock: { now: () => now },
  });
  return { result: await mint(), asked: [...asked].sort((a, b) => a.runAt!.getTime() - b.runAt!.getTime()).map(({ key }) => key), due: asked.every(({ runAt }) => runAt!.getTime() <= Date.now()), seen };
}

describe('the sweep for meetings that are not there yet', () => {
  it('looks 14 days ahead, and asks for the soonest first', async () => {
    const lessons = ['x', 'b', 'a', 'c'].map((lessonId, n) => ({ lessonId, accountId: 'a1', startsAt: inHours(30 + n) }));
    const { asked, due, seen, result } = await sweep(lessons, () => 80);
    expect(asked).toEqual(['x', 'b', 'a', 'c']);
    expect(due).toBe(true);
    expect(seen).toEqual([inHours(0), inHours(14 * 24)]);
    expect(result).toEqual({ lessonsWaiting: 4, meetingsAsked: 4 });
  });

  it('asks for no more of a host than its day has room for; lessons of the next 24 hours may use the reserve', async () => {
    const lessons = [
      { lessonId: 'today', accountId: 'a1', startsAt: inHours(2) }, { lessonId: 'near', accountId: 'a1', startsAt: inHours(30) },
      { lessonId: 'far', accountId: 'a1', startsAt: inHours(31) }, { lessonId: 'other', accountId: 'a2', startsAt: inHours(32) },
    ];
    expect((await sweep(lessons, (accountId, use) => (accountId === 'a2' ? 5 : use === 'sameDay' ? 20 : 1))).asked).toEqual(['today', 'near', 'other']);
    expect((await sweep(lessons, (_, use) => (use === 'sameDay' ? 20 : 0))).asked).toEqual(['today']);
    expect((await sweep(lessons, () => 0)).result).toEqual({ lessonsWaiting: 4, meetingsAsked: 0 });
  });
});
