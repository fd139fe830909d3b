import type { SchoolEvent } from '../domain/schoolEvents.ts';
import type { Metadata, Position, RecordedEvent } from '../ports/eventStore.ts';

export type Envelope = {
  id: string;
  /** As stored; `data` is already lifted to the newest. */
  schemaVersion: number;
  stream: string;
  revision: number;
  position: Position;
  metadata: Metadata;
};

/** A typed event with its envelope: `switch (event.type)` narrows `event.data`. */
export type Recorded<Event extends { type: string; data: unknown } = SchoolEvent> = Event & Envelope;

/**
 * What decoding one stored event gives. A failure is a value: whoever folds decides. Aggregates and projections skip
 * `unknownType` (a newer release wrote it) and stop at `unreadable`.
 */
export type Decoded<Event extends { type: string; data: unknown } = SchoolEvent> =
  | { ok: true; event: Recorded<Event> }
  | { ok: false; reason: 'unknownType' | 'unreadable'; error: string; raw: RecordedEvent };
