import { createPostgresEventStore } from '../../src/adapters/eventStore/postgres/eventStore.ts';
import { schoolEvents } from '../../src/domain/schoolEvents.ts';
import { createCodec } from '../../src/eventLog/codec.ts';
import { createEventLog } from '../../src/eventLog/eventLog.ts';
import { auditRooms } from '../../src/projections/audit/auditRooms.ts';
import { eventually } from '../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { createTab, startRoomNode, type RoomNode, type Tab } from './support/roomNodes.ts';

/**
 * People draw while their server is killed (kill -9) at random moments and begun again. Each keeps a ledger of what was acknowledged and
 * sends the rest again. At the end every acknowledged group is in the log, once, everybody has seen exactly the log, and no rule was broken.
 *
 * `KILLS=200 npm run test:faults -- rooms.test` for the long run.
 */
const kills = Number(process.env['KILLS'] ?? 20);
const people = Array.from({ length: 6 }, (_, i) => `p-${i}`);

describe('acknowledged op groups, under kill -9', () => {
  let database: TestDatabase;
  let node: RoomNode;
  beforeAll(async () => {
    database = await createTestDatabase();
    node = await startRoomNode(database);
  });
  afterAll(async () => {
    await node.kill();
    await database.drop();
  });

  it(`are in the log once each after ${kills} kills, and everybody has seen the same`, async () => {
    const roomId = await node.room(people);
    const tabs: Tab[] = people.map((personId) => createTab(database, roomId, personId));
    await Promise.all(tabs.map((tab) => tab.enter([node.nodeUrl])));
    const ledger = new Set<string>();
    const note = () => {
      for (const [i, tab] of tabs.entries()) for (let seq = 1; seq <= tab.acked; seq += 1) ledger.add(`c-${people[i]} ${seq}`);
    };
    // Within the limits of a socket; who is not let in yet has only what was under way to send again.
    const drawing = setInterval(() => { for (const tab of tabs) if (tab.welcomed && tab.socket?.socket.readyState === 1) tab.draw(); }, 20);
    const opened: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 600)); // the moment of the kill is the point of this test
      await node.kill();
      note();
      node = await startRoomNode(database);
      const began = performance.now();
      await Promise.all(tabs.map((tab) => tab.enter([node.nodeUrl])));
      opened.push(performance.now() - began);
    }
    clearInterval(drawing);
    await eventually(() => tabs.every((tab) => tab.acked === tab.sent), { timeoutMs: 60_000 });
    note();

    const store = createPostgresEventStore({ url: database.url });
    const events = await store.readStream(`board-${roomId}`);
    const lines = events.map(({ data }) => data as { clientId: string; seq: number }).map(({ clientId, seq }) => `${clientId} ${seq}`);
    const drawn = lines.filter((line) => !line.startsWith('owner ')); // a takeover's own
    expect(new Set(drawn).size).toBe(drawn.length);
    expect([...ledger].filter((line) => !drawn.includes(line))).toEqual([]);
    expect(drawn).toHaveLength(tabs.reduce((sum, tab) => sum + tab.sent, 0));
    await eventually(() => tabs.every((tab) => tab.version === lines.length), { timeoutMs: 20_000 });
    for (const tab of tabs) expect([...tab.seen].toSorted(([a], [b]) => a - b).map(([, line]) => line)).toEqual(lines);
    expect(tabs.map(({ gaps }) => gaps)).toEqual(people.map(() => 0));

    const keys = { find: () => Promise.resolve(new Map<string, Buffer>()), obtain: () => Promise.reject(new Error('nothing is written here')) };
    const audit = await auditRooms(createEventLog(store, createCodec(schoolEvents, keys)));
    expect(audit.findings).toEqual([]);
    await store.close();
    process.stderr.write(`rooms: ${kills} kills, ${ledger.size} acknowledged groups, ${lines.length - drawn.length} takeovers, room open again after ${Math.round(opened.reduce((a, b) => a + b, 0) / opened.length)} ms on average, ${Math.round(Math.max(...opened))} at most\n`);
  }, 60_000 + kills * 15_000);
});
