import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { z } from 'zod';
import { createPostgresEventStore } from '../../../src/adapters/eventStore/postgres/eventStore.ts';
import type { CommandContext } from '../../../src/commands/pipeline/context.ts';
import { createPipeline } from '../../../src/commands/pipeline/pipeline.ts';
import { UnreadableStream } from '../../../src/commands/pipeline/liveStreams.ts';
import { aggregate } from '../../../src/domain/kernel/decider.ts';
import { DomainError } from '../../../src/domain/kernel/domainError.ts';
import { eventType } from '../../../src/domain/kernel/eventType.ts';
import { createCodec } from '../../../src/eventLog/codec.ts';
import { createEventLog } from '../../../src/eventLog/eventLog.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { EventStoreError, type EventStore } from '../../../src/ports/eventStore.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

/** A jar of sweets: put some in, take some out, never below nothing. */
const jarEvents = {
  SweetsPut: eventType(z.object({ count: z.int() })),
  SweetsTaken: eventType(z.object({ count: z.int() })),
};
type JarCommand = { do: 'put' | 'take' | 'look'; count: number };
const jar = aggregate({
  category: 'jar',
  events: jarEvents,
  decider: {
    initial: 0,
    evolve: (held: number, event) => (event.type === 'SweetsPut' ? held + event.data.count : held - event.data.count),
    decide: (command: JarCommand, held: number) => {
      if (command.do === 'look') return [];
      if (command.do === 'take' && held < command.count) throw new DomainError('jarEmpty', 'not that many', { held });
      return [{ type: command.do === 'put' ? ('SweetsPut' as const) : ('SweetsTaken' as const), data: { count: command.count } }];
    },
  },
});

const context = (more: Partial<CommandContext> = {}): CommandContext => ({
  commandId: randomUUID(), correlationId: 'test', causationId: 'test', actor: { id: 'tester', role: 'admin' }, ...more,
});

describe('the command pipeline', () => {
  let database: TestDatabase;
  const stores: EventStore[] = [];
  const noKeys = { find: async () => new Map<string, Buffer>(), obtain: async () => Buffer.alloc(32) };

  /** A pipeline with a store of its own, as another process has. */
  function process(wrap: (store: EventStore) => EventStore = (store) => store) {
    const store = createPostgresEventStore({ url: database.url });
    stores.push(store);
    const log = createEventLog(wrap(store), createCodec(jarEvents, noKeys));
    return { store, log, pipeline: createPipeline(log, systemClock) };
  }
  const sweets = async (store: EventStore, id: string) =>
    (await store.readStream(`jar-${id}`)).reduce((held, { type, data }) => held + (type === 'SweetsPut' ? 1 : -1) * (data as { count: number }).count, 0);

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  it('answers the revision, a position and the state that the command left', async () => {
    const { pipeline, store } = process();
    const id = randomUUID();
    const done = await pipeline.execute(jar, id, { do: 'put', count: 3 }, context());
    expect(done).toMatchObject({ id, stream: `jar-${id}`, revision: 0, state: 3, events: [{ type: 'SweetsPut', data: { count: 3 } }] });
    expect(done.position).toBe((await store.readStream(`jar-${id}`))[0]!.position);
    expect(await pipeline.load(jar, id)).toMatchObject({ state: 3, revision: 0 });
    expect(await pipeline.load(jar, randomUUID())).toMatchObject({ state: 0, revision: -1 });
  });

  it('stamps who did it, on what command, and derives the same id again', async () => {
    const { pipeline, store } = process();
    const id = randomUUID();
    const by = context({ actor: { id: 'olena', role: 'teacher' }, correlationId: 'corr', causationId: 'cause' });
    await pipeline.execute(jar, id, { do: 'put', count: 1 }, by);
    const [event] = await store.readStream(`jar-${id}`);
    expect(event!.metadata).toMatchObject({ commandId: by.commandId, correlationId: 'corr', causationId: 'cause', actor: { id: 'olena', role: 'teacher' } });
  });

  it('reads a stream once for all who ask for it first, and again after a read that failed', async () => {
    const id = randomUUID();
    await process().pipeline.execute(jar, id, { do: 'put', count: 3 }, context());
    let reads = 0;
    const { pipeline } = process((store) => ({
      ...store,
      readStream: async (...asked) => {
        if (++reads === 1) throw new EventStoreError('unavailable', 'the log is away');
        return store.readStream(...asked);
      },
    }));
    const all = () => Promise.allSettled(Array.from({ length: 50 }, () => pipeline.load(jar, id)));
    expect(new Set((await all()).map(({ status }) => status))).toEqual(new Set(['rejected']));
    for (const outcome of await all()) expect(outcome).toMatchObject({ status: 'fulfilled', value: { state: 3, revision: 0 } });
    expect(reads).toBe(2);
  });

  it('decides commands to one stream in a row: of a hundred that want one of fifty sweets, fifty get one', async () => {
    const { pipeline, store } = process();
    const id = randomUUID();
    await pipeline.execute(jar, id, { do: 'put', count: 50 }, context());
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => pipeline.execute(jar, id, { do: 'take', count: 1 }, context())));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'jarEmpty' });
    const revisions = outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value.revision] : []));
    expect(revisions.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(await sweets(store, id)).toBe(0);
  });

  it('appends waiting commands together', async () => {
    let appends = 0;
    const { pipeline } = process((store) => ({ ...store, append: (...args) => ((appends += 1), store.append(...args)) }));
    const id = randomUUID();
    await Promise.all(Array.from({ length: 100 }, () => pipeline.execute(jar, id, { do: 'put', count: 1 }, context())));
    expect(appends).toBeLessThan(10);
    expect((await pipeline.load(jar, id)).state).toBe(100);
  });

  it('shares a stream between processes without losing or doubling a command', async () => {
    const [one, other] = [process(), process()];
    const id = randomUUID();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) => (i % 2 ? one : other).pipeline.execute(jar, id, { do: i % 3 ? 'put' : 'take', count: 1 }, context())),
    );
    const sum = outcomes.reduce((held, o, i) => (o.status === 'fulfilled' ? held + (i % 3 ? 1 : -1) : held), 0);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'jarEmpty' });
    expect(await sweets(one.store, id)).toBe(sum);
    expect((await other.pipeline.load(jar, id, { fresh: true })).state).toBe(sum);
  });

  it('refuses only after it has read to the head', async () => {
    const [one, other] = [process(), process()];
    const id = randomUUID();
    await one.pipeline.load(jar, id); // knows the jar as empty
    await other.pipeline.execute(jar, id, { do: 'put', count: 5 }, context());
    await expect(one.pipeline.execute(jar, id, { do: 'take', count: 5 }, context())).resolves.toMatchObject({ state: 0, revision: 1 });
  });

  it('says "nothing to do" only after it has read to the head', async () => {
    const [one, other] = [process(), process()];
    const id = randomUUID();
    await one.pipeline.load(jar, id);
    await other.pipeline.execute(jar, id, { do: 'put', count: 5 }, context());
    await expect(one.pipeline.execute(jar, id, { do: 'look', count: 0 }, context())).resolves.toMatchObject({ state: 5, revision: 0, events: [] });
  });

  it('holds a command to the revision that its caller saw', async () => {
    const { pipeline } = process();
    const id = randomUUID();
    await pipeline.execute(jar, id, { do: 'put', count: 1 }, context());
    await expect(pipeline.execute(jar, id, { do: 'put', count: 1 }, context(), { ifMatch: 3 })).rejects.toMatchObject({ code: 'staleRevision' });
    await expect(pipeline.execute(jar, id, { do: 'put', count: 1 }, context(), { ifMatch: 0 })).resolves.toMatchObject({ revision: 1 });
    const both = await Promise.allSettled([1, 2].map(() => pipeline.execute(jar, id, { do: 'put', count: 1 }, context(), { ifMatch: 1 })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('meets its own traces when it is repeated, also after others wrote', async () => {
    const [one, other] = [process(), process()];
    const id = randomUUID();
    const command = context();
    const first = await one.pipeline.execute(jar, id, { do: 'put', count: 2 }, command);
    await one.pipeline.execute(jar, id, { do: 'put', count: 7 }, context());
    const again = await other.pipeline.execute(jar, id, { do: 'put', count: 2 }, { ...command, mayBeRepeat: true });
    expect(again).toMatchObject({ revision: first.revision, position: first.position, events: [{ type: 'SweetsPut', data: { count: 2 } }] });
    expect(await sweets(one.store, id)).toBe(9);
    const otherStep = await other.pipeline.execute(jar, id, { do: 'take', count: 2 }, { ...command, mayBeRepeat: true }, { step: 'undo' });
    expect(otherStep.revision).toBe(2);
  });

  it('finds out, after an append whose answer was lost for good, what became of it', async () => {
    let lose = true;
    const { pipeline, store } = process((inner) => ({
      ...inner,
      append: async (...args) => {
        const outcome = await inner.append(...args);
        if (!lose) return outcome;
        lose = false;
        throw new EventStoreError('unknownOutcome', 'the answer was lost');
      },
    }));
    const id = randomUUID();
    const command = context();
    await expect(pipeline.execute(jar, id, { do: 'put', count: 2 }, command)).rejects.toMatchObject({ code: 'unknownOutcome' });
    await expect(pipeline.execute(jar, id, { do: 'put', count: 2 }, { ...command, mayBeRepeat: true })).resolves.toMatchObject({ revision: 0, state: 2 });
    expect(await sweets(store, id)).toBe(2);
  });

  it('lets a command that cannot be written fail alone', async () => {
    const { pipeline, store } = process();
    const id = randomUUID();
    const outcomes = await Promise.allSettled([1, 0.5, 1].map((count) => pipeline.execute(jar, id, { do: 'put', count }, context())));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await sweets(store, id)).toBe(2);
  });

  it('decides nothing on a stream that it cannot read', async () => {
    const { pipeline, store } = process();
    const id = randomUUID();
    const metadata = { commandId: randomUUID(), correlationId: '', causationId: '', actor: { id: 'x', role: 'admin' }, occurredAt: new Date().toISOString() };
    await store.append(`jar-${id}`, [{ id: randomUUID(), type: 'SweetsPut', schemaVersion: 1, data: { count: 'many' }, metadata }], { expectedRevision: 'noStream' });
    await expect(pipeline.execute(jar, id, { do: 'put', count: 1 }, context())).rejects.toBeInstanceOf(UnreadableStream);
  });

  it('ignores events of a newer release in its streams', async () => {
    const { pipeline, store } = process();
    const id = randomUUID();
    const metadata = { commandId: randomUUID(), correlationId: '', causationId: '', actor: { id: 'x', role: 'admin' }, occurredAt: new Date().toISOString() };
    await store.append(`jar-${id}`, [{ id: randomUUID(), type: 'JarPainted', schemaVersion: 1, data: {}, metadata }], { expectedRevision: 'noStream' });
    await expect(pipeline.execute(jar, id, { do: 'put', count: 1 }, context())).resolves.toMatchObject({ revision: 1, state: 1 });
  });

  it('tells every listener each state that is in memory', async () => {
    const { pipeline } = process();
    const id = randomUUID();
    const seen: [number, number][] = [];
    pipeline.onState(jar, (which, state, revision) => which === id && seen.push([state, revision]));
    await pipeline.execute(jar, id, { do: 'put', count: 2 }, context());
    await pipeline.execute(jar, id, { do: 'take', count: 1 }, context());
    expect(seen).toEqual([[2, 0], [1, 1]]);
    expect(pipeline.peek(jar, id)).toEqual({ state: 1, revision: 1 });
    expect(pipeline.peek(jar, randomUUID())).toBeUndefined();
  });

  it('comes to the same sum as one command after the other, whatever the interleaving over processes and streams', async () => {
    const processes = [process(), process()];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ node: fc.nat(1), jar: fc.nat(2), put: fc.boolean(), count: fc.integer({ min: 1, max: 5 }), together: fc.boolean() }), { maxLength: 40 }),
        async (steps) => {
          const ids = [randomUUID(), randomUUID(), randomUUID()];
          const held = [0, 0, 0];
          let pending: Promise<void>[] = [];
          for (const step of steps) {
            const { pipeline } = processes[step.node]!;
            const run = pipeline.execute(jar, ids[step.jar]!, { do: step.put ? 'put' : 'take', count: step.count }, context()).then(
              () => void (held[step.jar]! += step.put ? step.count : -step.count),
              (error: unknown) => expect(error).toMatchObject({ code: 'jarEmpty' }),
            );
            pending.push(run);
            if (!step.together) pending = (await Promise.all(pending), []);
          }
          await Promise.all(pending);
          for (const [i, id] of ids.entries()) {
            expect(await sweets(processes[0]!.store, id)).toBe(held[i]);
            for (const { pipeline } of processes) expect((await pipeline.load(jar, id, { fresh: true })).state).toBe(held[i]);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
