import fc from 'fast-check';
import { connectBoard, type BoardConnection, type Op } from '../../client/index.ts';
import { docLines, emptyBoard, fold } from '../../src/domain/board/index.ts';
import { createSimulatedNetwork, settle, type SimulatedNetwork } from './support/simulatedNetwork.ts';
import { createSimulatedRoom, type SimulatedRoom } from './support/simulatedRoom.ts';

type Client = { board: BoardConnection; network: SimulatedNetwork; dropped: number; unknown: number; sent: number };
type Step =
  | { is: 'edit'; who: number; what: number; shape: number } | { is: 'undo' | 'redo' | 'up' | 'down' | 'cut' | 'tick'; who: number }
  | { is: 'commit' | 'crash' | 'snapshot' | 'lag' | 'catchUp' } | { is: 'allow'; who: number; may: boolean };

const people = ['anna', 'bohdan', 'anna']; // anna has two tabs
const style = { color: '#112233', width: 3 };

const who = fc.nat(people.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('edit' as const), who, what: fc.nat(4), shape: fc.nat(4) }) },
  { weight: 8, arbitrary: fc.record({ is: fc.constantFrom('up' as const, 'down' as const), who }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('undo' as const, 'redo' as const), who }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constantFrom('cut' as const, 'tick' as const, 'tick' as const), who }) },
  { weight: 4, arbitrary: fc.constant({ is: 'commit' as const }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('crash' as const, 'snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constantFrom('lag' as const, 'snapshot' as const, 'catchUp' as const, 'catchUp' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('allow' as const), who, may: fc.boolean() }) },
);

let count = 0;
function opFor(what: number, shape: number): Op {
  const id = `s${shape}`;
  count++;
  switch (what) {
    case 0: return { op: 'shape.add', shape: { id, type: 'stroke', page: 'page-1', layer: 'layer-1', x: count, y: 0, rotation: 0, scale: 1, z: 'a1', locked: false, style, points: [0, 0, 0.5, 0] } };
    case 1: return { op: 'shape.update', id, set: { x: count } };
    case 2: return { op: 'shape.append', id, points: [count, 1, 0.5, 8] };
    case 3: return { op: 'shape.delete', id };
    default: return { op: 'shape.update', id, set: { y: count, style: { width: (count % 9) + 1 } } };
  }
}

async function open(room: SimulatedRoom): Promise<Client[]> {
  const clients = people.map((personId, i): Client => {
    const network = createSimulatedNetwork(room, personId);
    const board = connectBoard({ surroundings: network.surroundings, personId, clientId: `tab-${i}`, address: () => Promise.resolve('ws://room'), fetchSnapshot: (url) => network.surroundings.fetch(url) });
    const client = { board, network, dropped: 0, unknown: 0, sent: 0 };
    board.on('dropped', ({ code }) => { client[code === 'outcomeUnheard' ? 'unknown' : 'dropped']++; });
    board.channel.open();
    return client;
  });
  await settle();
  return clients;
}

async function act(room: SimulatedRoom, clients: readonly Client[], one: Step): Promise<void> {
  switch (one.is) {
    case 'commit': return room.commit();
    case 'crash': room.crash(); return;
    case 'snapshot': return room.snapshot();
    case 'lag': return room.lag();
    case 'catchUp': return room.catchUp();
    case 'allow': return room.allow(people[one.who]!, one.may);
    case 'edit': clients[one.who]!.board.apply([opFor(one.what, one.shape)]); clients[one.who]!.sent++; return;
    case 'undo': clients[one.who]!.board.undo(); clients[one.who]!.sent++; return;
    case 'redo': clients[one.who]!.board.redo(); clients[one.who]!.sent++; return;
    case 'up': clients[one.who]!.network.up(); return;
    case 'down': clients[one.who]!.network.down(); return settle(2);
    case 'tick': clients[one.who]!.network.tick(); return settle(2);
    case 'cut': return clients[one.who]!.network.cut();
  }
}

/** Everything that is on its way arrives, and everybody comes back. */
async function calm(room: SimulatedRoom, clients: readonly Client[]): Promise<void> {
  room.catchUp();
  for (let round = 0; round < 300; round++) {
    let moved = false;
    const before = room.log.length;
    for (const { network } of clients) while (network.up() || network.down()) moved = true;
    room.commit();
    moved ||= room.log.length > before;
    await settle();
    for (const { network, board } of clients) {
      if (board.channel.state().is === 'waiting' || board.unsaved() > 0) moved = network.tick() || moved;
    }
    await settle();
    if (!moved && clients.every(({ board }) => board.live())) return;
  }
  throw new Error(`it never calmed down: ${clients.map(({ board }) => `${board.channel.state().is} ${board.unsaved()}`).join(', ')}`);
}

const textOf = (doc: ReturnType<BoardConnection['view']>): string => [...docLines(0, doc)].slice(1).join('');

describe('a client\'s board', () => {
  it('ends as the fold of the log, and has every group in it once, however frames, breaks, crashes, refusals, snapshots and slow reading fall', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }), async (steps) => {
      const room = createSimulatedRoom({ tailGroups: 4 });
      const clients = await open(room);
      await calm(room, clients);
      for (const one of steps) await act(room, clients, one);
      await calm(room, clients);

      const truth = textOf(fold(emptyBoard, room.log).doc);
      for (const { board } of clients) {
        expect(textOf(board.confirmed().doc)).toBe(truth);
        expect(board.confirmed().version).toBe(room.log.length);
        expect(textOf(board.view())).toBe(truth);
        expect(board.unsaved()).toBe(0);
      }
      const ids = room.log.map(({ data }) => `${data.personId} ${data.clientId} ${data.seq}`);
      expect(new Set(ids).size).toBe(ids.length);
      clients.forEach(({ sent, dropped, unknown }, i) => {
        const written = room.log.filter(({ data }) => data.personId === people[i] && (data.clientId === `tab-${i}`)).length;
        // None is both written and told as dropped, and none is neither.
        expect(written + dropped).toBeLessThanOrEqual(sent);
        expect(written + dropped + unknown).toBeGreaterThanOrEqual(sent);
      });
      for (const { board } of clients) board.channel.close();
    }), { numRuns: 400 });
  });

  it('shows one\'s own groups at once, on top of whatever is confirmed meanwhile', async () => {
    const room = createSimulatedRoom();
    const [anna, bohdan] = await open(room) as [Client, Client];
    await calm(room, [anna, bohdan]);
    anna.board.apply([opFor(0, 1)]);
    expect(textOf(anna.board.view())).toContain('"s1"');
    expect(textOf(anna.board.confirmed().doc)).not.toContain('"s1"');
    bohdan.board.apply([opFor(0, 2)]);
    while (bohdan.network.up());
    room.commit();
    while (anna.network.down());
    expect(textOf(anna.board.confirmed().doc)).toContain('"s2"');
    expect(textOf(anna.board.view())).toMatch(/"s1"[\s\S]*"s2"|"s2"[\s\S]*"s1"/);
    expect(anna.board.unsaved()).toBe(1);
    await calm(room, [anna, bohdan]);
    expect(anna.board.unsaved()).toBe(0);
  });

  it('drops a refused group, tells why, and keeps what came behind it', async () => {
    const room = createSimulatedRoom();
    const [anna, bohdan] = await open(room) as [Client, Client];
    await calm(room, [anna, bohdan]);
    const codes: string[] = [];
    anna.board.on('dropped', ({ code }) => codes.push(code));
    anna.board.apply([opFor(0, 1)]);
    anna.board.apply([opFor(0, 1)]); // the id is taken
    anna.board.apply([opFor(0, 2)]);
    await calm(room, [anna, bohdan]);
    expect(codes).toEqual(['shapeExists']);
    expect(room.log).toHaveLength(2);
    expect(textOf(anna.board.view())).toBe(textOf(bohdan.board.view()));
  });

  it('begins as another client when a group of its own comes back that it has forgotten, and loses nothing', async () => {
    const room = createSimulatedRoom();
    const [anna, bohdan] = await open(room) as [Client, Client];
    await calm(room, [anna, bohdan]);
    // The same tab id was used before, by a page that is gone: its groups are in the log, and come in short.
    const before = room.connect('anna', { send: () => undefined, close: () => undefined });
    before.receive({ t: 'hello', d: { clientId: 'tab-0', lastVersion: 0, ackedSeq: 0 } as never });
    before.receive({ t: 'ops', d: { seq: 1, gestureId: 'g', ops: [opFor(0, 3)] } as never });
    await calm(room, [anna, bohdan]);
    anna.board.apply([opFor(0, 4)]);
    await calm(room, [anna, bohdan]);
    expect(anna.board.clientId()).not.toBe('tab-0');
    const truth = textOf(fold(emptyBoard, room.log).doc);
    expect(truth).toContain('"s4"');
    expect(textOf(anna.board.view())).toBe(truth);
  });
});
