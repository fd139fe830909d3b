import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { groupJson, groupJsonIn } from '../../../src/commands/rooms/live/frames.ts';
import { boardEvents, type OpGroup } from '../../../src/domain/board/index.ts';
import { createCodec, type EncodedEvent } from '../../../src/eventLog/codec.ts';

const codec = createCodec(boardEvents, { find: async () => new Map(), obtain: () => Promise.reject(new Error('no personal fields')) });
const id = fc.oneof(fc.uuid(), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.constantFrom('"', '\\', 'кімната-1', '","roomRevision":1}'));
const group = fc.record({
  roomId: id, personId: id, clientId: id, seq: fc.nat(), gestureId: id, kind: fc.constantFrom('ops' as const, 'undo' as const, 'redo' as const), undoes: id,
  ops: fc.array(fc.jsonValue({ stringUnit: 'grapheme' }).map((value) => ({ op: 'shape.add', shape: value, roomRevision: 7 }))), roomRevision: fc.nat(),
}, { requiredKeys: ['roomId', 'personId', 'clientId', 'seq', 'gestureId', 'kind', 'ops', 'roomRevision'] });

describe('a group for the sockets', () => {
  it('cut out of its event is what it is when it is written out by itself', () => {
    let written = 0;
    fc.assert(fc.property(group, fc.nat(), (data, version) => {
      const metadata = { commandId: 'c', correlationId: 'c', causationId: 'c', actor: { id: 'p', role: 'teacher' }, occurredAt: '2026-11-20T10:00:00.000Z' };
      let event: EncodedEvent;
      try {
        event = codec.encode({ type: 'OpGroupApplied', data }, randomUUID(), metadata) as EncodedEvent;
      } catch {
        return; // an id that is none
      }
      written += 1;
      expect(groupJsonIn(event.dataJson, data, version)).toBe(groupJson(data as unknown as OpGroup, version));
    }));
    expect(written).toBeGreaterThan(20);
  });
});
