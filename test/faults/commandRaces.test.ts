import { randomUUID } from 'node:crypto';
import { EventStoreError } from '../../src/ports/eventStore.ts';
import { DomainError } from '../../src/domain/kernel/domainError.ts';
import type { CommandContext } from '../../src/commands/pipeline/context.ts';
import { auditLog } from '../commands/support/auditLog.ts';
import { unsureStore } from '../commands/support/faultyStore.ts';
import { asks, deskClock, openSchool, type School } from '../commands/support/school.ts';
import { eventually } from '../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

/** Random numbers that the same seed gives again (mulberry32). */
function dice(seed: number) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** As a client does: what got no clear answer is asked again under the same command. */
async function insisting<T>(ask: (ctx: CommandContext) => Promise<T>, ctx: CommandContext): Promise<T | DomainError> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask(attempt === 0 ? ctx : { ...ctx, mayBeRepeat: true });
    } catch (error) {
      if (error instanceof DomainError) return error;
      if (!(error instanceof EventStoreError) || attempt > 20) throw error;
    }
  }
}

const hours = Array.from({ length: 10 }, (_, i) => `2026-03-03T${String(8 + i).padStart(2, '0')}:00`);

describe('two processes that plan on the same accounts at once', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  async function setUp(wrap?: Parameters<typeof openSchool>[0]['wrap']) {
    const clock = deskClock('2026-03-02T08:00:00.000Z');
    const calm = openSchool({ url: database.url, clock });
    const both: [School, School] = [openSchool({ url: database.url, clock, ...(wrap && { wrap }) }), openSchool({ url: database.url, clock, ...(wrap && { wrap }) })];
    const accounts = [await calm.account(1), await calm.account(2)];
    const teachers: string[] = [];
    for (let i = 0; i < 6; i += 1) teachers.push(await calm.teacher());
    return { clock, calm, both, accounts, teachers, close: () => Promise.all([calm, ...both].map((school) => school.close())) };
  }

  it('book each place once: of 120 who want 30 places 30 get one, the others hear that none is free', async () => {
    const { calm, both, close } = await setUp();
    const outcomes = await Promise.all(Array.from({ length: 120 }, async (_, i) => {
      const school = both[i % 2 === 0 ? 0 : 1];
      const input = school.lessonAt(await calm.teacher(), hours[i % hours.length] ?? '', { durationMinutes: 55 });
      return insisting((ctx) => school.lessons.schedule(input, ctx), asks());
    }));
    const refused = outcomes.filter((one) => one instanceof DomainError);
    expect(refused.map(({ code }) => code)).toEqual(Array.from({ length: 90 }, () => 'noZoomAccountFree'));
    const { lessons, orphans } = await auditLog(calm.log);
    expect([lessons.size, orphans]).toEqual([30, []]);
    await close();
  }, 120_000);

  it.each([1, 2, 3, 4, 5, 6])('with one in ten answers lost, whatever they do at once, keep every promise (seed %i)', async (seed) => {
    const random = dice(seed);
    const { clock, calm, both, accounts, teachers, close } = await setUp((store) => unsureStore(store, random));
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
    const ids: string[] = [];
    for (let i = 0; i < 10; i += 1) ids.push((await calm.lessons.schedule(calm.lessonAt(pick(teachers), hours[i] ?? '', { override: { reason: 'setting' } }), asks('admin'))).id);

    const one = async (i: number): Promise<void> => {
      const school = pick(both);
      const lessonId = pick(ids);
      // Rolled before the first attempt and kept: a repeat asks for the same.
      const [teacherId, hour] = [pick(teachers), pick(hours)];
      const ctx = asks('admin', 'admin', { commandId: randomUUID() });
      const act = [
        () => insisting(async (c) => {
          const answer = await school.lessons.schedule(school.lessonAt(teacherId, hour, { durationMinutes: 45 }), c);
          ids.push(answer.id);
        }, ctx),
        () => insisting((c) => school.lessons.reschedule({ lessonId, localStart: hour }, c), ctx),
        () => insisting((c) => school.lessons.reassignTeacher({ lessonId, teacherId }, c), ctx),
        () => insisting((c) => school.lessons.cancel({ lessonId, reason: 'ill' }, c), ctx),
        () => insisting((c) => school.lessons.moveToAccount({ lessonId, reason: 'test' }, c), ctx),
        () => school.sweep(asks('system')).catch((error: unknown) => {
          if (!(error instanceof EventStoreError)) throw error;
        }),
        () => insisting((c) => school.lessons.start({ lessonId }, c), ctx),
        () => insisting((c) => school.lessons.end({ lessonId }, c), ctx),
        () => school.releaseFinished(asks('system')).catch((error: unknown) => {
          if (!(error instanceof EventStoreError)) throw error;
        }),
        () => insisting((c) => school.lessons.changeDetails({ lessonId, title: hour, autoRecord: i % 2 === 0 }, c), ctx),
        () => insisting((c) => school.accounts.change({ accountId: accounts[1] ?? '', capacity: 1 + (i % 2), move: i % 3 === 0 }, c), ctx),
      ];
      await (act[Math.floor(random() * act.length)] ?? act[0])?.();
    };
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 8 }, (_, i) => one(i)));
      if (round === 6) clock.put('2026-03-03T06:50:00.000Z'); // the day begins
      else if (round > 6) clock.pass(11);
    }

    await auditLog(calm.log);
    clock.pass(6);
    await calm.sweep(asks('system'));
    const { orphans } = await auditLog(calm.log);
    expect(orphans.filter(({ until }) => until > clock.now().getTime())).toEqual([]); // what is past is in nobody's way
    clock.pass(24 * 60);
    await calm.releaseFinished(asks('system'));
    const evening = await auditLog(calm.log);
    expect([...evening.accounts.values()].flatMap(({ leases }) => leases)).toEqual([]);
    expect([...evening.lessons.values()].filter(({ status }) => status === 'live')).toEqual([]);
    await close();
  }, 120_000);

  it('a sweeper and a scheduler that fell asleep between its steps: the lesson is not recorded without its place', async () => {
    let wake: () => void = () => undefined;
    let sleeping = false;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const { clock, calm, close } = await setUp();
    const slow = openSchool({
      url: database.url, clock,
      wrap: (store) => ({
        ...store,
        async append(stream, events, options) {
          if (stream.startsWith('lesson-')) {
            sleeping = true;
            await asleep;
          }
          return store.append(stream, events, options);
        },
      }),
    });
    const teacherId = await calm.teacher();
    const scheduling = slow.lessons.schedule(slow.lessonAt(teacherId, '2026-03-03T10:00'), asks()).catch((error: unknown) => error);
    await eventually(() => sleeping);
    clock.pass(6);
    expect(await calm.sweep(asks('system'))).toMatchObject({ lessonsAbandoned: 1, reservationsReleased: 2 });
    wake();
    expect(await scheduling).toMatchObject({ code: 'lessonAbandoned' });
    const { lessons, orphans } = await auditLog(calm.log);
    expect([[...lessons.values()].map(({ status }) => status), orphans]).toEqual([['abandoned'], []]);
    await slow.close();
    await close();
  });

  it('a sweeper and a rescheduler that fell asleep: it begins again with another place', async () => {
    let wake: () => void = () => undefined;
    let sleeping = false;
    let sleepy = true;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const { clock, calm, teachers, close } = await setUp();
    const slow = openSchool({
      url: database.url, clock,
      wrap: (store) => ({
        ...store,
        async append(stream, events, options) {
          if (sleepy && events.some(({ type }) => type === 'LessonRescheduled')) {
            sleepy = false;
            sleeping = true;
            await asleep;
          }
          return store.append(stream, events, options);
        },
      }),
    });
    const { id } = await calm.plan('2026-03-03T10:00', { teacherId: teachers[0] ?? '' });
    const moving = slow.lessons.reschedule({ lessonId: id, localStart: '2026-03-03T10:30' }, asks()).catch((error: unknown) => error);
    await eventually(() => sleeping);
    clock.pass(6);
    expect(await calm.sweep(asks('system'))).toMatchObject({ lessonsAbandoned: 0, reservationsReleased: 2 });
    wake();
    expect(await moving).toMatchObject({ lesson: { startsAt: '2026-03-03T09:30:00.000Z' } });
    expect((await auditLog(calm.log)).orphans).toEqual([]);
    await slow.close();
    await close();
  });
});
