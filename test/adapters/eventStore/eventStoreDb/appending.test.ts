import { createEventStoreDb } from '../../../../src/adapters/eventStore/eventStoreDb/eventStoreDb.ts';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { EventStore } from '../../../../src/ports/eventStore.ts';
import { appended, idsOf, newEvents, newStream } from '../../../conformance/support.ts';
import { startCuttingProxy } from '../../../support/cuttingProxy.ts';
import { eventually } from '../../../support/eventually.ts';
import { startEventStoreDbServer, type EventStoreDbServer } from '../../../support/eventStoreDbServer/server.ts';

describe('appending to EventStoreDB', () => {
  let server: EventStoreDbServer;
  const stores: EventStore[] = [];
  const open = (options: Partial<Parameters<typeof createEventStoreDb>[0]> = {}) => {
    const store = createEventStoreDb({ url: server.url, appendAttemptMs: 150, appendTotalMs: 10_000, ...options });
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    server = await startEventStoreDbServer();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await server.close();
  });

  it('repeats an append that was written and never answered, until it is answered, and writes it once', async () => {
    const store = open();
    const stream = newStream();
    const events = newEvents(3);
    server.faults.loseAnswers(3);
    expect(await appended(store, stream, events, 'noStream')).toMatchObject({ revision: 2 });
    expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events));
  });

  it('asks again when the server is not ready', async () => {
    const store = open();
    server.faults.refuseAsNotReady(4);
    expect(await appended(store, newStream(), newEvents(1), 'noStream')).toMatchObject({ revision: 0 });
  });

  it('waits out a repeat that the server drops because the original is not committed yet', async () => {
    const [store, other] = [open(), open()];
    const stream = newStream();
    const events = newEvents(2);
    server.hold();
    const answers = [store, other].map((one) => appended(one, stream, events, 'noStream'));
    await new Promise((resolve) => setTimeout(resolve, 500)); // at least one attempt of each has run out
    server.release();
    const [one, two] = await Promise.all(answers);
    expect(one).toEqual(two);
    expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events));
  });

  it('says unknownOutcome after its time, and the caller\'s repeat finds out', async () => {
    const hasty = open({ appendTotalMs: 500 });
    const stream = newStream();
    const events = newEvents(2);
    server.hold();
    await expect(hasty.append(stream, events, { expectedRevision: 'noStream' })).rejects.toMatchObject({ code: 'unknownOutcome' });
    server.release();
    expect(await eventually(() => hasty.append(stream, events, { expectedRevision: 'noStream' }))).toMatchObject({ outcome: 'appended', revision: 1 });
    expect(await hasty.readStream(stream)).toHaveLength(2);
  });

  it('says unavailable, not unknownOutcome, when nothing was ever sent', async () => {
    const store = open({ appendAttemptMs: 2_000, appendTotalMs: 2_500 });
    server.kill();
    await expect(store.append(newStream(), newEvents(1), { expectedRevision: 'noStream' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.readStream(newStream())).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.head()).rejects.toMatchObject({ code: 'unavailable' });
    await server.start();
    expect(await appended(store, newStream(), newEvents(1), 'noStream')).toMatchObject({ revision: 0 });
  });

  it('searches the stream when the repeat is told of a conflict: the server does not recognise it on a stream that was deleted before', async () => {
    const store = open();
    const client = EventStoreDBClient.connectionString(server.url);
    const stream = newStream();
    await appended(store, stream, newEvents(2), 'noStream');
    await client.deleteStream(stream);
    const events = newEvents(2);
    server.faults.loseAnswers(1);
    expect(await appended(store, stream, events, 'noStream')).toMatchObject({ revision: 3 });
    expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events));
    await client.dispose();
  });

  it('keeps the appends of one store out of another\'s trouble, in one process', async () => {
    const proxy = await startCuttingProxy(server.url);
    const [calm, troubled] = [open({ appendAttemptMs: 5_000 }), open({ url: proxy.url })];
    await Promise.all([calm, troubled].map((one) => appended(one, newStream(), newEvents(1), 'noStream')));
    server.hold();
    const streams = Array.from({ length: 50 }, () => newStream());
    const answers = streams.flatMap((stream) => [appended(calm, stream, newEvents(1), 'noStream'), appended(troubled, newStream(), newEvents(1), 'noStream')]);
    await new Promise(setImmediate);
    proxy.cut();
    await troubled.readStream(newStream());
    server.release();
    expect(await Promise.all(answers)).toHaveLength(100);
    await proxy.close();
  });

  it('survives connections that break under load, with every append in the log once', async () => {
    const proxy = await startCuttingProxy(server.url);
    const store = open({ url: proxy.url, appendAttemptMs: 1_000 });
    let writing = true;
    let count = 0;
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', onUnhandled);
    const writers = Array.from({ length: 40 }, async () => {
      const stream = newStream();
      let revision = -1;
      for (; writing; count += 1) ({ revision } = await appended(store, stream, newEvents(2), revision < 0 ? 'noStream' : revision));
      expect(await store.readStream(stream)).toHaveLength(revision + 1);
    });
    try {
      for (let i = 1; i <= 8; i += 1) {
        const goal = count + 150;
        await eventually(() => count > goal);
        proxy.cut();
      }
    } finally {
      writing = false;
      await Promise.all(writers);
      process.off('unhandledRejection', onUnhandled);
      await proxy.close();
    }
    expect(unhandled).toEqual([]);
  });

  it('takes no more than it can hold when the server stops answering', async () => {
    const store = open({ appendTotalMs: 300 });
    server.hold();
    const large = newEvents(1).map((event) => ({ ...event, data: { text: 'x'.repeat(1_000_000) } }));
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => store.append(newStream(), large, { expectedRevision: 'noStream' })));
    const codes = outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'appended'));
    expect(codes).toContain('unavailable');
    expect(codes).toContain('unknownOutcome');
  });
});
