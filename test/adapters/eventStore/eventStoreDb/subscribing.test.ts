import { createEventStoreDb } from '../../../../src/adapters/eventStore/eventStoreDb/eventStoreDb.ts';
import type { EventStore } from '../../../../src/ports/eventStore.ts';
import { appended, follow, idsOf, newEvents, newStream } from '../../../conformance/support.ts';
import { startEventStoreDbServer, type EventStoreDbServer } from '../../../support/eventStoreDbServer/server.ts';

describe('subscribing to EventStoreDB', () => {
  let server: EventStoreDbServer;
  let store: EventStore;
  beforeEach(async () => {
    server = await startEventStoreDbServer();
    store = createEventStoreDb({ url: server.url, stallMs: 200, maxBackOffMs: 200 });
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  it('notices that the head moved on while nothing came, and comes back for what it missed', async () => {
    const subscriber = follow(store, { after: '' });
    await subscriber.caughtUp();
    server.faults.silenceSubscriptions(true);
    const [missed, next] = [newEvents(3), newEvents(2)];
    const stream = newStream();
    await appended(store, stream, missed, 'noStream');
    await subscriber.sees(idsOf(missed));
    server.faults.silenceSubscriptions(false);
    await appended(store, stream, next, 2);
    await subscriber.sees(idsOf(next));
    await subscriber.stop();
    expect(idsOf(subscriber.events)).toEqual(idsOf([...missed, ...next]));
  });

  it('waits for a server that is not there yet, and for one that went', async () => {
    server.kill();
    const subscriber = follow(store, { after: '' });
    await server.start();
    await subscriber.caughtUp();
    const stream = newStream();
    const events = newEvents(4);
    await appended(store, stream, events.slice(0, 2), 'noStream');
    server.kill();
    await server.start();
    await appended(store, stream, events.slice(2), 1);
    await subscriber.sees(idsOf(events));
    await subscriber.stop();
    expect(idsOf(subscriber.events)).toEqual(idsOf(events));
  });

  it('can be stopped while it waits for a server', async () => {
    server.kill();
    const subscriber = follow(store, { after: '' });
    await subscriber.stop();
    expect(subscriber.batches).toEqual([]);
  });

  it('refuses a position that is not of such a log', async () => {
    const iterator = store.readAll({ after: '42' })[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow(/not a position/);
  });
});
