import type { EventType, EventTypes } from '../domain/kernel/eventType.ts';
import type { SchoolEvent } from '../domain/schoolEvents.ts';
import type { EventToAppend, Metadata, RecordedEvent } from '../ports/eventStore.ts';
import type { PersonKeys } from '../ports/personKeys.ts';
import { toJson } from './jsonSafety.ts';
import { forgotten, isSealed, open, seal } from './personalFields.ts';
import type { Decoded, Recorded } from './recorded.ts';

/** An event that may not be written: a mistake in our own code, or a text that no store could keep. */
export class UnwritableEvent extends Error {
  override readonly name = 'UnwritableEvent';
}

/** Its text is made once, here; its keys are in the schema's order. */
export type EncodedEvent = EventToAppend & { dataJson: string };

/**
 * The one place where events become JSON and JSON becomes events. Nothing else sees raw data.
 * Writing: checks against the newest schema, checks that a store can keep it, seals personal fields.
 * Reading: lifts old versions, opens personal fields, checks. What it cannot read comes back as a value.
 */
export type Codec = {
  /** Answers a promise only when a personal field needs a key. @throws UnwritableEvent, SubjectForgotten */
  encode(event: { type: string; data: unknown }, id: string, metadata: Metadata): EncodedEvent | Promise<EncodedEvent>;
  decode(records: readonly RecordedEvent[]): Promise<Decoded[]>;
};

export function createCodec(types: EventTypes, keys: PersonKeys): Codec {
  return {
    encode(event, id, metadata) {
      const type = Object.hasOwn(types, event.type) ? types[event.type] : undefined;
      if (!type) throw new UnwritableEvent(`there is no event type ${event.type}`);
      const parsed = type.schema.safeParse(event.data);
      if (!parsed.success) throw new UnwritableEvent(`${event.type}: ${parsed.error.issues.map((i) => `/${i.path.join('/')} ${i.message}`).join('; ')}`);
      const data = parsed.data as Record<string, unknown>;
      const text = toJson(data, (why) => new UnwritableEvent(`${event.type}${why}`));
      const toAppend = (content: unknown, dataJson: string): EncodedEvent => ({ id, type: event.type, schemaVersion: type.version, data: content, dataJson, metadata });
      if (!type.personal || personalValues(type, data).length === 0) return toAppend(data, text);
      return sealed(event.type, type, data, keys).then((content) => toAppend(content, JSON.stringify(content)));
    },

    async decode(records) {
      const lifted = records.map((record) => lift(types, record));
      const subjects = new Set<string>();
      for (const one of lifted) {
        if (one.ok && one.type.personal) for (const { subject, value } of personalValues(one.type, one.data)) if (isSealed(value)) subjects.add(subject);
      }
      const found = subjects.size > 0 ? await keys.find([...subjects]) : new Map<string, Buffer>();
      return lifted.map((one, i) => {
        const record = records[i] as RecordedEvent;
        return one.ok ? read(one.type, one.data, record, found) : one.failure;
      });
    },
  };
}

type Lifted = { ok: true; type: EventType; data: Record<string, unknown> } | { ok: false; failure: Decoded };

function lift(types: EventTypes, record: RecordedEvent): Lifted {
  const type = Object.hasOwn(types, record.type) ? types[record.type] : undefined;
  if (!type) return { ok: false, failure: { ok: false, reason: 'unknownType', error: `unknown event type ${record.type}`, raw: record } };
  const unreadable = (error: string): Lifted => ({ ok: false, failure: { ok: false, reason: 'unreadable', error, raw: record } });
  if (typeof record.data !== 'object' || record.data === null || Array.isArray(record.data)) return unreadable('the data is not a JSON object');
  let data = record.data as Record<string, unknown>;
  try {
    for (let version = record.schemaVersion; version < type.version; version += 1) {
      const upcast = type.upcast?.[version];
      if (!upcast) return unreadable(`nothing lifts version ${version}`);
      data = upcast(data);
    }
  } catch (error) {
    return unreadable(`lifting failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  // A version that is newer than ours is read as ours: releases only ever add what older readers may ignore.
  return { ok: true, type, data };
}

function read(type: EventType, data: Record<string, unknown>, record: RecordedEvent, keys: ReadonlyMap<string, Buffer>): Decoded {
  const unreadable = (error: string): Decoded => ({ ok: false, reason: 'unreadable', error, raw: record });
  let content = data;
  if (type.personal) {
    content = { ...data };
    for (const { field, subject, value } of personalValues(type, data)) {
      if (!isSealed(value)) continue;
      const key = keys.get(subject);
      try {
        content[field] = key ? open(value, key, place(record.type, field, subject)) : forgotten;
      } catch {
        return unreadable(`/${field} does not open with its subject's key`);
      }
    }
  }
  const parsed = type.schema.safeParse(content);
  if (!parsed.success) return unreadable(parsed.error.issues.map((i) => `/${i.path.join('/')} ${i.message}`).join('; '));
  const event = {
    type: record.type, data: parsed.data, id: record.id, schemaVersion: record.schemaVersion, stream: record.stream,
    revision: record.revision, position: record.position, metadata: record.metadata,
  };
  return { ok: true, event: event as Recorded<SchoolEvent> };
}

async function sealed(name: string, type: EventType, data: Record<string, unknown>, keys: PersonKeys): Promise<unknown> {
  const content = { ...data };
  for (const { field, subject, value } of personalValues(type, data)) {
    content[field] = seal(value, await keys.obtain(subject), place(name, field, subject));
  }
  return content;
}

function personalValues(type: EventType, data: Record<string, unknown>): { field: string; subject: string; value: string }[] {
  const values: { field: string; subject: string; value: string }[] = [];
  for (const [field, subjectField] of Object.entries(type.personal ?? {})) {
    const value = data[field];
    const subject = data[subjectField];
    if (typeof value === 'string' && value !== '' && typeof subject === 'string') values.push({ field, subject, value });
  }
  return values;
}

const place = (type: string, field: string, subject: string) => `${type}.${field}|${subject}`;
