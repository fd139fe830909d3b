import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v5 } from 'uuid';
import { z } from 'zod';
import { eventType } from '../../src/domain/kernel/eventType.ts';
import { createCodec, UnwritableEvent, type Codec } from '../../src/eventLog/codec.ts';
import { forgotten } from '../../src/eventLog/personalFields.ts';
import { deriveId } from '../../src/eventLog/ids.ts';
import type { EventToAppend, Metadata, RecordedEvent } from '../../src/ports/eventStore.ts';
import type { PersonKeys } from '../../src/ports/personKeys.ts';

const types = {
  CupFilled: eventType(z.object({ cupId: z.string(), of: z.string(), note: z.unknown().optional() }), {
    version: 3,
    upcast: { 1: ({ drink, ...rest }) => ({ ...rest, of: drink }), 2: (data) => ({ ...data, of: String(data['of']).toLowerCase() }) },
  }),
  GuestNamed: eventType(z.object({ guestId: z.string(), name: z.string(), table: z.number() }), { personal: { name: 'guestId' } }),
};

const metadata: Metadata = { commandId: randomUUID(), correlationId: 'c', causationId: 'c', actor: { id: 'p', role: 'admin' }, occurredAt: '2026-03-02T17:00:00.000Z' };

function keyRing(): PersonKeys & { destroy(subject: string): void } {
  const keys = new Map<string, Buffer>();
  return {
    find: async (subjects) => new Map([...keys].filter(([subject]) => subjects.includes(subject))),
    obtain: async (subject) => {
      const key = keys.get(subject) ?? randomBytes(32);
      keys.set(subject, key);
      return key;
    },
    destroy: (subject) => void keys.delete(subject),
  };
}

/** Through JSON, as a store would. */
const stored = (event: EventToAppend, more: Partial<RecordedEvent> = {}): RecordedEvent => ({
  ...(JSON.parse(JSON.stringify(event)) as EventToAppend), stream: 'cup-1', revision: 0, position: '1', ...more,
});

const write = (codec: Codec, type: string, data: unknown) => codec.encode({ type, data }, randomUUID(), metadata);
const readOne = async (codec: Codec, record: RecordedEvent) => (await codec.decode([record]))[0]!;

describe('the event codec', () => {
  const keys = keyRing();
  const codec = createCodec(types, keys);

  it('reads what it wrote', async () => {
    const written = await write(codec, 'CupFilled', { cupId: '1', of: 'tea' });
    expect(written).toMatchObject({ type: 'CupFilled', schemaVersion: 3, data: { cupId: '1', of: 'tea' }, metadata });
    expect(await readOne(codec, stored(written))).toMatchObject({ ok: true, event: { type: 'CupFilled', data: { cupId: '1', of: 'tea' }, stream: 'cup-1', revision: 0 } });
  });

  it('lifts an old version through every version in between', async () => {
    const old = stored({ id: randomUUID(), type: 'CupFilled', schemaVersion: 1, data: { cupId: '1', drink: 'TEA' }, metadata });
    expect(await readOne(codec, old)).toMatchObject({ ok: true, event: { data: { cupId: '1', of: 'tea' }, schemaVersion: 1 } });
  });

  it('ignores fields that it does not know, also in a version newer than its own', async () => {
    const newer = stored({ id: randomUUID(), type: 'CupFilled', schemaVersion: 9, data: { cupId: '1', of: 'tea', sugar: 2 }, metadata });
    const decoded = await readOne(codec, newer);
    expect(decoded.ok && decoded.event.data).toEqual({ cupId: '1', of: 'tea' });
  });

  it.each([
    ['an unknown type', { type: 'CupBroken', data: {} }, 'unknownType'],
    ['a type that every object has', { type: 'constructor', data: {} }, 'unknownType'],
    ['data that is a string', { type: 'CupFilled', data: '{"cupId":' }, 'unreadable'],
    ['data that is null', { type: 'CupFilled', data: null }, 'unreadable'],
    ['a missing field', { type: 'CupFilled', data: { cupId: '1' } }, 'unreadable'],
    ['a version from before the first', { type: 'CupFilled', data: { cupId: '1', of: 'x' }, schemaVersion: 0 }, 'unreadable'],
  ])('hands %s back as a value', async (_, event, reason) => {
    expect(await readOne(codec, stored({ id: randomUUID(), schemaVersion: 3, metadata, ...event }))).toMatchObject({ ok: false, reason });
  });

  it.each([
    ['a type that it does not know', 'CupBroken', {}],
    ['a wrong field', 'CupFilled', { cupId: 1, of: 'tea' }],
    ['a NUL character', 'CupFilled', { cupId: '1', of: 't\0a' }],
    ['a lone surrogate', 'CupFilled', { cupId: '1', of: '\ud800' }],
    ['a lone surrogate in a name', 'CupFilled', { cupId: '1', of: 'tea', note: { '\udc00': 1 } }],
    ['a bigint', 'CupFilled', { cupId: '1', of: 'tea', note: 1n }],
    ['a date object', 'CupFilled', { cupId: '1', of: 'tea', note: new Date(0) }],
    ['a number that is none', 'CupFilled', { cupId: '1', of: 'tea', note: [Number.NaN] }],
  ])('refuses to write %s', async (_, type, data) => {
    expect(() => write(codec, type, data)).toThrow(UnwritableEvent);
  });

  it('seals personal fields with the person\'s own key, and opens them again', async () => {
    const written = await write(codec, 'GuestNamed', { guestId: 'g1', name: 'Олена Коваль', table: 4 });
    expect(JSON.stringify(written)).not.toContain('Олена');
    expect(written.dataJson).toBe(JSON.stringify(written.data));
    expect(written.data).toMatchObject({ guestId: 'g1', table: 4, name: expect.stringMatching(/^enc:1:/) });
    expect(await readOne(codec, stored(written))).toMatchObject({ ok: true, event: { data: { name: 'Олена Коваль' } } });
  });

  it('does not open a sealed field that was copied to another person\'s event', async () => {
    const [one, other] = [await write(codec, 'GuestNamed', { guestId: 'g2', name: 'A', table: 1 }), await write(codec, 'GuestNamed', { guestId: 'g3', name: 'B', table: 1 })];
    const forged = { ...other, data: { ...(other.data as object), name: (one.data as { name: string }).name } };
    expect(await readOne(codec, stored(forged))).toMatchObject({ ok: false, reason: 'unreadable' });
  });

  it('still reads the events of a person whose key was destroyed', async () => {
    const written = await write(codec, 'GuestNamed', { guestId: 'g4', name: 'Secret', table: 7 });
    keys.destroy('g4');
    expect(await readOne(codec, stored(written))).toMatchObject({ ok: true, event: { data: { guestId: 'g4', name: forgotten, table: 7 } } });
  });

  it('keeps any JSON value that it accepts, to the letter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), async (note) => {
        let written: EventToAppend;
        try {
          written = await write(codec, 'CupFilled', { cupId: '1', of: 'tea', note });
        } catch (error) {
          expect(error).toBeInstanceOf(UnwritableEvent);
          return;
        }
        expect(written.dataJson).toBe(JSON.stringify(written.data));
        const decoded = await readOne(codec, stored(written));
        expect(decoded.ok && (decoded.event.data as unknown as { note: unknown }).note).toEqual(JSON.parse(JSON.stringify(note)));
      }),
    );
  });
});

describe('derived ids', () => {
  it('are version 5 UUIDs, as another implementation makes them', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.array(fc.string({ unit: 'grapheme' }).filter((part) => !/[\\/]/.test(part)), { minLength: 1, maxLength: 4 }), (commandId, parts) => {
        expect(deriveId(commandId, ...parts)).toBe(v5(parts.join('/'), commandId));
      }),
    );
    expect(() => deriveId('not-a-uuid', 'a')).toThrow(TypeError);
  });

  it('are the same for the same parts, and differ when the parts do', () => {
    const command = randomUUID();
    expect(deriveId(command, 'a', 1)).toBe(deriveId(command, 'a', 1));
    const ids = [['a/b'], ['a', 'b'], ['a\\', 'b'], ['a\\/b'], ['', 'ab'], ['ab', '']].map((parts) => deriveId(command, ...parts));
    expect(new Set(ids).size).toBe(ids.length);
    expect(deriveId(randomUUID(), 'a', 1)).not.toBe(deriveId(command, 'a', 1));
  });
});
