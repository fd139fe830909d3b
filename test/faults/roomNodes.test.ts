import { createPostgresEventStore } from '../../src/adapters/eventStore/postgres/eventStore.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { eventually } from '../support/eventually.ts';
import { createTab, startRoomNode, type RoomNode, type Tab } from './support/roomNodes.ts';

describe('a room whose sockets are on several nodes', () => {
  let database: TestDatabase;
  const nodes: RoomNode[] = [];
  beforeEach(async () => { database = await createTestDatabase(); });
  afterEach(async () => {
    for (const { child } of nodes.splice(0)) child.kill('SIGKILL');
    await database.drop();
  });
  const start = async () => {
    const node = await startRoomNode(database);
    nodes.push(node);
    return node;
  };
  const people = Array.from({ length: 6 }, (_, i) => `p-${i}`);
  const logOf = async (roomId: string) => {
    const store = createPostgresEventStore({ url: database.url });
    const events = await store.readStream(`board-${roomId}`);
    await store.close();
    return events.map(({ data }) => data as { personId: string; clientId: string; seq: number });
  };
  /** Every acknowledged group is in the log once; everybody has seen exactly the log. */
  const holds = async (roomId: string, tabs: readonly Tab[]) => {
    const log = await logOf(roomId);
    await eventually(() => tabs.every((tab) => tab.version === log.length), { timeoutMs: 20_000 });
    const lines = log.map(({ clientId, seq }) => `${clientId} ${seq}`);
    const drawn = lines.filter((line) => !line.startsWith('owner')); // a takeover's own
    expect(new Set(drawn).size).toBe(drawn.length);
    for (const [i, tab] of tabs.entries()) {
      expect(drawn.filter((line) => line.startsWith(`c-${people[i]} `)).length).toBe(tab.sent);
      expect([...tab.seen].toSorted(([a], [b]) => a - b).map(([, line]) => line)).toEqual(lines);
    }
  };

  it('shows all of them everything in the same order', async () => {
    const [owner, other] = [await start(), await start()];
    const roomId = await owner.room(people);
    const tabs = people.map((personId) => createTab(database, roomId, personId));
    await Promise.all(tabs.map((tab, i) => tab.enter([(i % 2 === 0 ? owner : other).nodeUrl])));
    for (let round = 0; round < 50; round++) for (const tab of tabs) tab.draw();
    await eventually(() => tabs.every((tab) => tab.acked === 50), { timeoutMs: 20_000 });
    await holds(roomId, tabs);
    expect(tabs.map(({ gaps, closes }) => [gaps, closes])).toEqual(people.map(() => [0, []]));
  });

  it('closes with 1012 when the owner is killed, and loses nothing that was acknowledged, again and again', async () => {
    let [owner, other] = [await start(), await start()];
    const roomId = await owner.room(people);
    const tabs = people.map((personId) => createTab(database, roomId, personId));
    await Promise.all(tabs.map((tab, i) => tab.enter([(i % 2 === 0 ? owner : other).nodeUrl])));
    for (let round = 0; round < 3; round++) {
      const drawing = setInterval(() => { for (const tab of tabs) tab.draw(); }, 25);
      await eventually(() => tabs.every((tab) => tab.acked > round * 40 + 10), { timeoutMs: 30_000 });
      const [atOwner, elsewhere] = [tabs.filter((tab) => tab.socket!.socket.url.startsWith(owner.nodeUrl.replace('http', 'ws'))), tabs.filter((tab) => !tab.socket!.socket.url.startsWith(owner.nodeUrl.replace('http', 'ws')))];
      const closes = tabs.map((tab) => tab.socket!.closed);
      await owner.kill();
      const codes = (await Promise.all(closes)).map(({ code }) => code);
      expect(codes.filter((code) => code === 1012)).toHaveLength(elsewhere.length);
      expect(codes.filter((code) => code === 1006)).toHaveLength(atOwner.length);
      owner = other; // whoever is let in first there makes it the owner
      await tabs[0]!.enter([owner.nodeUrl]);
      other = await start();
      await Promise.all(tabs.slice(1).map((tab, i) => tab.enter([(i % 2 === 0 ? other : owner).nodeUrl])));
      clearInterval(drawing);
      await eventually(() => tabs.every((tab) => tab.acked === tab.sent), { timeoutMs: 30_000 });
      await holds(roomId, tabs);
    }
  });

  it('moves to another node when its owner stops in order: 1012 for all, nothing lost, no waiting for a lease', async () => {
    const [owner, other] = [await start(), await start()];
    const roomId = await owner.room(people);
    const tabs = people.map((personId) => createTab(database, roomId, personId));
    await Promise.all(tabs.map((tab, i) => tab.enter([(i % 2 === 0 ? owner : other).nodeUrl])));
    const drawing = setInterval(() => { for (const tab of tabs) tab.draw(); }, 25);
    await eventually(() => tabs.every((tab) => tab.acked > 10), { timeoutMs: 20_000 });
    const closes = tabs.map((tab) => tab.socket!.closed);
    expect(await owner.terminate()).toBe(0);
    expect((await Promise.all(closes)).map(({ code }) => code)).toEqual(people.map(() => 1012));
    const began = performance.now();
    await Promise.all(tabs.map((tab) => tab.enter([other.nodeUrl])));
    expect(performance.now() - began).toBeLessThan(2_500); // the lease alone would take 3 s
    clearInterval(drawing);
    await eventually(() => tabs.every((tab) => tab.acked === tab.sent), { timeoutMs: 20_000 });
    await holds(roomId, tabs);
  });
});
