import { exists, lesson } from '../../../src/domain/lesson/index.ts';
import { EventStoreError } from '../../../src/ports/eventStore.ts';
import { context, createSchoolHarness } from './schoolHarness.ts';

/** Every call of these functions succeeds, and then one in ten says that it did not. */
const lyingAfterwards = <Port extends object>(port: Port): Port =>
  new Proxy(port, {
    get: (target, name, receiver) => {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const answer: unknown = await (value as (...a: unknown[]) => unknown).apply(target, args);
        if (Math.random() < 0.1) throw new EventStoreError('unknownOutcome', 'the answer was lost');
        return answer;
      };
    },
  });

it('when one call in ten fails after it succeeded, at Zoom and in the log, each lesson ends up with exactly the meeting it wants', async () => {
  const school = await createSchoolHarness({ http: { headersMs: 300, connectMs: 300 }, sandbox: { limits: { light: 1e6, medium: 1e6, hostDay: 1e6 } } });
  try {
    for (const account of ['a1', 'a2']) await school.account(account);
    for (const fault of [{ kind: 'statusAfter', status: 503 }, { kind: 'dropAfter' }, { kind: 'dropBefore' }, { kind: 'status', status: 500 }]) await school.zoom.control.fault({ ...fault, probability: 0.05, path: '^/v2' });
    await school.zoom.control.fault({ kind: 'timeoutAfter', method: 'POST', path: '^/v2', count: 3 });
    const sync = school.syncWith({ commands: lyingAfterwards(school.commands) });
    const ids = Array.from({ length: 24 }, (_, n) => `l${n}`);
    const settle = async (id: string) => {
      for (let n = 0; n < 40; n += 1) {
        const outcome = await sync(id, { context: context(), isLastAttempt: false }).catch(() => undefined);
        if (outcome !== undefined) return;
      }
      throw new Error(`${id} does not settle`);
    };
    const round = async (change: (id: string, n: number) => Promise<unknown>) => {
      for (let at = 0; at < ids.length; at += 6) {
        await Promise.all(ids.slice(at, at + 6).map(async (id, n) => {
          await change(id, at + n);
          await settle(id);
        }));
      }
    };
    await round((id, n) => school.schedule(id, { inHours: 30 + n, accountId: `a${1 + (n % 2)}` }));
    await round((id, n) => school.change(id, n % 3 === 0 ? { type: 'cancel', reason: 'ill', at: school.clock.now().toISOString() } : { type: 'changeDetails', title: `Changed ${n}` }));
    await round(async (id, n) => (n % 3 === 1 ? school.change(id, { type: 'moveToAccount', accountId: `a${1 + ((n + 1) % 2)}`, reservationId: `${id}.2`, reason: 'pool' }) : undefined));

    await school.zoom.control.noFaults();
    await school.reconcile(); // a create that took effect after it had been looked for leaves a duplicate: swept
    const wanted: string[] = [];
    for (const id of ids) {
      const { state } = await school.pipeline.load(lesson, id, { fresh: true });
      const meeting = await school.meeting(id);
      if (exists(state) && state.status === 'scheduled') {
        expect(meeting).toMatchObject({ status: 'created', plan: { title: state.title, accountId: state.accountId, startsAt: state.startsAt } });
        wanted.push(`${id}.${meeting.generation}`);
      } else expect(meeting.status).toBe('deleted');
    }
    expect(await school.refs()).toEqual(wanted.sort());
    expect(wanted).toHaveLength(16);
  } finally {
    await school.close();
  }
}, 120_000);
