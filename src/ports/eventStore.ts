/**
 * The append-only log, as the core needs it. Two adapters implement it (Postgres, EventStoreDB) and one
 * conformance suite (test/conformance/) holds both to every sentence in this file.
 */

/**
 * A place in the whole log. Opaque: never computed, only stored, compared (`<`, lexically) and handed back.
 * `START` is before the first event. All positions of one log have the same width.
 */
export type Position = string;
export const START: Position = '';

/** `noStream`: the stream must not exist. A number: the revision (from 0) of its last event. There is no `any`: a repeat under it is not safe. */
export type ExpectedRevision = number | 'noStream';

export type Metadata = {
  commandId: string;
  correlationId: string;
  causationId: string;
  actor: { id: string; role: string };
  /** RFC 3339, UTC, milliseconds; from the clock port. */
  occurredAt: string;
};

/** What is appended. `data` is a plain JSON value. */
export type EventToAppend = {
  /** UUID. */
  id: string;
  type: string;
  schemaVersion: number;
  data: unknown;
  /** `data` as text, from the codec, which has checked it: stored as it is. Without it, stores check `data` and make the text themselves. */
  dataJson?: string;
  metadata: Metadata;
};

/** What is read back. Raw: only the event codec looks into `data`. */
export type RecordedEvent = Omit<EventToAppend, 'dataJson'> & {
  stream: string;
  /** From 0, without gaps. */
  revision: number;
  position: Position;
};

export type AppendOutcome =
  /** `revision` and `position` are those of the last event of this append, also when it was there already. */
  | { outcome: 'appended'; revision: number; position: Position }
  | { outcome: 'conflict'; actualRevision: number | 'noStream' };

export type ReadStreamOptions = {
  /** Revision of the first event returned, inclusive. Default: the first (forwards) or the last (backwards). */
  from?: number;
  direction?: 'forwards' | 'backwards';
  /** Default: no limit. */
  limit?: number;
};

export type ReadAllOptions = {
  /** Exclusive. Default: before the first (forwards) or after the last (backwards). */
  after?: Position;
  direction?: 'forwards' | 'backwards';
  /** In all. Default: no limit. */
  limit?: number;
  /** Events a page. Default 1,000. */
  pageSize?: number;
};

export type Subscription = {
  /** Exclusive. */
  after: Position;
  /** Only these event types; absent: every event. */
  types?: readonly string[];
  /** Ends the iteration, without an error. */
  signal: AbortSignal;
  /** Most events in a batch. Default 1,000. */
  maxBatch?: number;
};

/** `events` may be empty: then only `position` moved (a filter passed over events, or the head was reached). */
export type SubscriptionBatch = {
  events: RecordedEvent[];
  /** Everything up to here was seen: the checkpoint. */
  position: Position;
  /** True when this batch reached what was the head when it was read. */
  caughtUp: boolean;
};

export type EventStore = {
  /**
   * All events or none. The same append again (stream, expected revision, ids) answers as it did the first time, and
   * writes nothing. `events` holds 1 to 1,000 events of at most 1 MiB together.
   * @throws EventStoreError `unavailable` (nothing was written), `unknownOutcome` (it may have been: repeat the very same append),
   *   `tooLarge`, `invalid`, `streamDeleted`.
   */
  append(stream: string, events: readonly EventToAppend[], options: { expectedRevision: ExpectedRevision }): Promise<AppendOutcome>;
  /** An unknown or deleted stream has no events. @throws EventStoreError `unavailable`. */
  readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]>;
  /**
   * Pages of every event in log order, system events left out; ends at what was the head when it began.
   * @throws EventStoreError `unavailable`, `invalid` (`after` was never a position of this kind of log).
   */
  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent[]>;
  /**
   * Catches up, then goes on live; never loses, doubles or reorders an event; survives the server's restarts by itself
   * (backs off, resumes after the last batch handed over). The next batch is fetched only when the last one was consumed.
   */
  subscribeAll(subscription: Subscription): AsyncIterable<SubscriptionBatch>;
  /** Position of the last event; START for an empty log. */
  head(): Promise<Position>;
  /** Names this log for ever: a checkpoint taken on another log must not be used on this one. */
  logId(): Promise<string>;
  close(): Promise<void>;
};

export type EventStoreErrorCode = 'unavailable' | 'unknownOutcome' | 'tooLarge' | 'invalid' | 'streamDeleted';

export class EventStoreError extends Error {
  override readonly name = 'EventStoreError';
  readonly code: EventStoreErrorCode;
  constructor(code: EventStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
