import fc from 'fast-check';
import { announceBatch } from '../../../src/commands/rooms/live/broadcasting.ts';
import { createConnections } from '../../../src/commands/rooms/live/connections.ts';
import type { Batch } from '../../../src/commands/rooms/live/boardWriter.ts';
import type { RoomParts } from '../../../src/commands/rooms/live/parts.ts';
import type { Broadcast, EdgeSide } from '../../../src/commands/rooms/roomLink.ts';
import { emptyBoard } from '../../../src/domain/board/index.ts';
import { createEdgeRoom } from '../../../src/http/ws/edgeRoom.ts';
import { textFrame } from '../../../src/http/ws/textFrame.ts';

type Written = { author: number; kind: 'ops' | 'undo'; text: string };
const people = [0, 1, 2, 3];
const [nobody] = [9];

/** Person n draws on socket k-n; each batch through a real owner's announcement and a real edge, as JSON in between. */
async function framesOf(from: number, written: readonly Written[]): Promise<{ groups: Batch['groups']; got: Map<string, Buffer[]>; broadcast: Broadcast; snapshot: string }> {
  const got = new Map<string, Buffer[]>();
  const connections = createConnections(9);
  let broadcast: Broadcast | undefined;
  const room = createEdgeRoom('room-1', {
    async open(_, edge) {
      const linked: EdgeSide = { ...edge, toAll: (one) => edge.toAll((broadcast = JSON.parse(JSON.stringify(one)) as Broadcast)) };
      connections.enter(linked);
      for (const n of people) connections.add({ connectionId: `k-${n}`, channel: 'board', personId: `p-${n}`, name: '', deviceId: 'd', clientId: `c-${n}`, edge: linked });
      return { attach: () => Promise.reject(new Error('nobody attaches')), receive() {}, detach() {}, close() {} };
    },
  }, () => undefined);
  // The last one is no longer at this edge, though its owner does not know yet.
  for (const n of people.slice(0, -1)) {
    await room.enter({ connectionId: `k-${n}`, channel: 'board', personId: `p-${n}`, deliver: (frame) => void got.set(`k-${n}`, [...(got.get(`k-${n}`) ?? []), frame]), hold() {}, close() {} });
  }
  const groups = written.map(({ author, kind, text }, i): Batch['groups'][number] => ({
    request: undefined as never, version: from + i + 1, json: JSON.stringify({ text }),
    group: { personId: `p-${author}`, clientId: `c-${author}`, seq: i + 1, gestureId: 'g', kind, ops: [] },
  }));
  let snapshot = '';
  const snapshotting = { wrote: (text: string) => { snapshot = text; } } as never;
  await announceBatch({
    batch: { events: [], groups, board: { ...emptyBoard, version: from + groups.length }, verdicts: new Map(), gaps: [], settle: [], left: [] },
    from, roomId: 'room-1', connections, parts: {} as RoomParts, snapshotting, saving: undefined as never,
  });
  return { groups, got, broadcast: broadcast!, snapshot };
}

/** One text for each socket, encoded on its own. */
const plainly = (from: number, groups: Batch['groups'], n: number): Buffer =>
  textFrame(`{"t":"ops","d":{"from":${from},"groups":[${groups.map(({ group, version, json }) =>
    (group.kind === 'ops' && group.personId === `p-${n}` ? `{"version":${version},"clientId":"c-${n}","seq":${group.seq}}` : json)).join(',')}]}}`);

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 200 }),
  fc.constantFrom('', 'Привіт, класе', '👩‍🏫 Ї "\\', 'é'),
);
const writtenOnes = fc.array(fc.record({ author: fc.constantFrom(...people, nobody!), kind: fc.constantFrom('ops' as const, 'ops' as const, 'undo' as const), text }), { minLength: 1, maxLength: 12 });
const borders = [125, 126, 127, 65_534, 65_535, 65_536, 65_537];

describe('frames with one\'s own groups in short', () => {
  it('are byte for byte what each would be if it were written on its own', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(100_000), writtenOnes, async (from, written) => {
      const { groups, got, snapshot } = await framesOf(from, written);
      for (const n of people.slice(0, -1)) expect(got.get(`k-${n}`)).toEqual([plainly(from, groups, n)]);
      expect(snapshot).toBe(groups.map(({ json }) => json).join(','));
    }), { numRuns: 300 });
  });

  it('have the right header on both sides of each length at which it grows, everybody\'s and the author\'s', async () => {
    for (const letter of ['x', 'Ї', '🎨']) {
      for (const border of borders) {
        for (const ofAuthor of [true, false]) {
          const written = (pad: number): Written[] => [
            ...(border > 1_000 ? [{ author: 0, kind: 'ops', text: letter.repeat(5_000) } as const] : []),
            { author: nobody!, kind: 'ops', text: (border > 1_000 ? letter : '') + 'x'.repeat(pad) },
            ...(ofAuthor && border < 1_000 ? [{ author: 0, kind: 'ops', text: letter } as const] : []),
          ];
          const socket = ofAuthor ? 'k-0' : 'k-1';
          const lengthOf = async (pad: number) => payload((await framesOf(7, written(pad))).got.get(socket)![0]!).length;
          const pad = border - (await lengthOf(0));
          expect(pad).toBeGreaterThanOrEqual(0);
          const { groups, got } = await framesOf(7, written(pad));
          expect(payload(got.get(socket)![0]!)).toHaveLength(border);
          for (const n of [0, 1]) expect(got.get(`k-${n}`)?.[0]?.equals(plainly(7, groups, n))).toBe(true);
        }
      }
    }
  });

  it('cross a link as a few numbers and the short texts, however long the frame is', async () => {
    const { broadcast } = await framesOf(0, people.map((author) => ({ author, kind: 'ops', text: 'x'.repeat(50_000) })));
    expect(JSON.stringify(broadcast).length - broadcast.frame.length).toBeLessThan(2_000);
    expect(broadcast.inShort).toHaveLength(people.length);
  });
});

/** By the header's own word, so that a wrong one shows. */
function payload(frame: Buffer): Buffer {
  const [start, length] = frame[1] === 127 ? [10, Number(frame.readBigUInt64BE(2))] : frame[1] === 126 ? [4, frame.readUInt16BE(2)] : [2, frame[1]!];
  expect(frame).toHaveLength(start + length);
  return frame.subarray(start);
}
