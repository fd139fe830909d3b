import type { CommandContext } from '../../src/commands/pipeline/context.ts';
import { EventStoreError } from '../../src/ports/eventStore.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { auditLog } from '../commands/support/auditLog.ts';
import { dyingStore } from '../commands/support/faultyStore.ts';
import { asks, deskClock, openSchool, type School } from '../commands/support/school.ts';

type Scene = { lessonId: string; accounts: [string, string]; teachers: [string, string] };
type Act = (school: School, scene: Scene, ctx: CommandContext) => Promise<unknown>;

/** Every use case that takes more than one step, begun with one lesson at 18:00 in Berlin and two accounts. */
const useCases: Record<string, { act: Act; at?: string; refusedWith?: string }> = {
  'scheduling a lesson': { act: (school, { teachers }, ctx) => school.lessons.schedule(school.lessonAt(teachers[0], '2026-03-03T10:00'), ctx) },
  'scheduling one that is refused at its second step': {
    refusedWith: 'noZoomAccountFree',
    act: (school, { teachers }, ctx) => school.lessons.schedule(school.lessonAt(teachers[1], '2026-03-02T18:00', { autoRecord: true }), ctx),
  },
  'rescheduling a lesson': { act: (school, { lessonId }, ctx) => school.lessons.reschedule({ lessonId, localStart: '2026-03-02T18:30' }, ctx) },
  'giving a lesson another teacher': { act: (school, { lessonId, teachers }, ctx) => school.lessons.reassignTeacher({ lessonId, teacherId: teachers[1] }, ctx) },
  'moving a lesson to another account': { act: (school, { lessonId }, ctx) => school.lessons.moveToAccount({ lessonId, reason: 'test' }, ctx) },
  'cancelling a lesson': { act: (school, { lessonId }, ctx) => school.lessons.cancel({ lessonId, reason: 'ill' }, ctx) },
  'starting a lesson': { at: '2026-03-02T16:50:00.000Z', act: (school, { lessonId, teachers }, ctx) => school.lessons.start({ lessonId }, { ...ctx, actor: { id: teachers[0], role: 'teacher' } }) },
  'closing an account and spreading its lessons': {
    act: (school, { accounts }, ctx) => school.accounts.disable({ accountId: accounts[0], reason: 'expired', move: true }, ctx),
  },
};
const mostAppends = 12;

describe.each(Object.entries(useCases))('a process that dies while %s', (_, { act, at = '2026-03-02T08:00:00.000Z', refusedWith }) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  /** The command dies at its n-th append; `heal` does what comes after, in another process. Until there are no more appends to die at. */
  async function dyingEverywhere(heal: (next: School, scene: Scene, ctx: CommandContext, first: unknown) => Promise<void>): Promise<number> {
    let deaths = 0;
    for (const written of [true, false]) {
      for (let n = 1; n <= mostAppends; n += 1) {
        const clock = deskClock('2026-03-02T08:00:00.000Z');
        const next = openSchool({ url: database.url, clock });
        const accounts: [string, string] = [await next.account(1, { cloudRecording: false }), await next.account(1, { cloudRecording: false })];
        const teachers: [string, string] = [await next.teacher(), await next.teacher()];
        const { id: lessonId } = await next.lessons.schedule(next.lessonAt(teachers[0], '2026-03-02T18:00'), asks());
        const scene: Scene = { lessonId, accounts, teachers };
        clock.put(at);
        let died = () => false;
        const dying = openSchool({
          url: database.url, clock, wrap: (store) => {
            const wrapped = dyingStore(store, { at: n, written });
            died = wrapped.died;
            return wrapped.store;
          },
        });
        const ctx = asks('admin');
        const first = await act(dying, scene, ctx).catch((error: unknown) => error);
        await dying.close();
        if (died()) {
          deaths += 1;
          // Never a refusal that is none: the outcome is not known, or the recorded step stands, or the refusal stood before its undoing died.
          expect(first instanceof EventStoreError || (first as { id?: string }).id !== undefined || (first as { code?: string }).code === refusedWith).toBe(true);
          await heal(next, scene, ctx, first);
        }
        await auditLog(next.log);
        for (const accountId of accounts) await emptied(next, accountId);
        await next.close();
        if (!died()) break;
      }
    }
    return deaths;
  }
  /** The next scene has accounts of its own. */
  async function emptied(school: School, accountId: string): Promise<void> {
    const { accounts } = await auditLog(school.log);
    await school.lessons.cancelMany({ lessonIds: [...new Set(accounts.get(accountId)?.held.map(({ holder }) => holder))], reason: 'next' }, asks());
    await school.sweep(asks('system'));
    await school.accounts.disable({ accountId, reason: 'next' }, asks('admin')).catch(() => undefined);
  }

  it('is finished by the repeat of the command: once, whole, with nothing left behind', async () => {
    const deaths = await dyingEverywhere(async (next, scene, ctx) => {
      await act(next, scene, { ...ctx, mayBeRepeat: true }).catch((error: { code?: string }) => expect(error.code).toBe(refusedWith));
      expect((await auditLog(next.log)).orphans).toEqual([]);
    });
    expect(deaths).toBeGreaterThan(1);
  }, 120_000);

  it('and is never repeated leaves nothing that the sweeper does not take away', async () => {
    await dyingEverywhere(async (next) => {
      next.clock.pass(6);
      await next.sweep(asks('system'));
      expect((await auditLog(next.log)).orphans).toEqual([]);
    });
  }, 120_000);

  it('can be repeated after the sweeper came by, and still nothing is planned without its place', async () => {
    await dyingEverywhere(async (next, scene, ctx) => {
      next.clock.pass(6);
      await next.sweep(asks('system'));
      await act(next, scene, { ...ctx, mayBeRepeat: true }).catch((error: { code?: string }) =>
        expect([refusedWith, 'lessonAbandoned']).toContain(error.code));
      expect((await auditLog(next.log)).orphans).toEqual([]);
    });
  }, 120_000);
});
