import { randomUUID } from 'node:crypto';

/**
 * What a single node of EventStoreDB 23.10 keeps, and how it judges a write (IndexWriter.CheckCommit, StorageWriterService in
 * its source): one log of records at byte offsets, streams as views of it, metadata streams, soft deletion as a mark in the
 * metadata, tombstones. Records are placed when they are judged and become visible when they are committed.
 */
export type Proposed = { id: string; type: string; isJson: boolean; data: Uint8Array; metadata: Uint8Array };
export type StoredRecord = Proposed & { position: number; stream: string; revision: number; createdMs: number };
export type Expected = number | 'noStream' | 'any' | 'streamExists';

export type Verdict =
  | { kind: 'ok'; first: number; last: number; position: number }
  | { kind: 'idempotent'; last: number; position: number | undefined }
  /** The same append is placed and not yet committed: the server says nothing at all. */
  | { kind: 'idempotentNotReady' }
  | { kind: 'wrongExpectedVersion'; current: number }
  | { kind: 'deleted' };

const never = Number.MAX_SAFE_INTEGER;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const nothing = new Uint8Array();
/** Of a record around its event: header, ids, lengths. Roughly; positions are nobody's business. */
const overhead = 97;

export type TransactionLog = ReturnType<typeof createTransactionLog>;

export function createTransactionLog() {
  const records: StoredRecord[] = [];
  const streams = new Map<string, StoredRecord[]>();
  const tombstones = new Set<string>();
  const truncateBefore = new Map<string, number>();
  /** Ids of recent writes, for `any` only, and lost by a restart: the reason why a repeat under `any` is not safe. */
  const recentIds = new Map<string, { stream: string; revision: number }>();
  let committed = 0;
  let end = 0;

  const last = (stream: string) => (tombstones.has(stream) ? never : (streams.get(stream)?.at(-1)?.revision ?? -1));
  const isCommitted = (record: StoredRecord) => committed === records.length || record.position < (records[committed]?.position ?? 0);
  const isSoftDeleted = (stream: string) => truncateBefore.get(stream) === never;

  function index(record: StoredRecord) {
    const stream = streams.get(record.stream) ?? [];
    stream.push(record);
    streams.set(record.stream, stream);
    if (record.type === '$streamDeleted') tombstones.add(record.stream);
    if (record.stream.startsWith('$$')) {
      const { $tb } = JSON.parse(Buffer.from(record.data).toString() || '{}') as { $tb?: number };
      truncateBefore.set(record.stream.slice(2), $tb ?? 0);
    }
  }

  function place(stream: string, proposed: Proposed): StoredRecord {
    const record: StoredRecord = { ...proposed, stream, revision: (streams.get(stream)?.at(-1)?.revision ?? -1) + 1, position: end, createdMs: Date.now() };
    end += overhead + 2 * (stream.length + proposed.type.length) + proposed.data.length + proposed.metadata.length;
    records.push(record);
    index(record);
    recentIds.set(record.id, { stream, revision: record.revision });
    return record;
  }

  const system = (type: string, data: unknown): Proposed => ({ id: randomUUID(), type, isJson: true, data: json(data), metadata: nothing });

  function judge(stream: string, expected: Expected, ids: readonly string[]): Verdict | undefined {
    const current = last(stream);
    if (current === never) return { kind: 'deleted' };
    const repeat = (lastRevision: number): Verdict => {
      const record = streams.get(stream)?.find(({ revision }) => revision === lastRevision);
      if (!record || !isCommitted(record)) return { kind: 'idempotentNotReady' };
      const visible = lastRevision >= (truncateBefore.get(stream) ?? 0);
      return { kind: 'idempotent', last: lastRevision, position: visible ? record.position : undefined };
    };
    const wrong: Verdict = { kind: 'wrongExpectedVersion', current };
    if (expected === 'any' || expected === 'streamExists') {
      if (expected === 'streamExists' && isSoftDeleted(stream)) return { kind: 'deleted' };
      if (expected === 'streamExists' && current < 0 && last(`$$${stream}`) < 0) return wrong;
      let seen = -1;
      for (const [i, id] of ids.entries()) {
        const known = recentIds.get(id);
        if (known?.stream !== stream) return i === 0 ? undefined : wrong;
        seen = known.revision;
      }
      return ids.length === 0 ? undefined : repeat(seen);
    }
    const from = expected === 'noStream' ? -1 : expected;
    if (from === current) return undefined;
    if (from > current) return wrong;
    for (const [i, id] of ids.entries()) {
      const there = streams.get(stream)?.find(({ revision }) => revision === from + 1 + i);
      if (there?.id === id) continue;
      return i === 0 && expected === 'noStream' && isSoftDeleted(stream) ? undefined : wrong;
    }
    return ids.length === 0 ? wrong : repeat(from + ids.length);
  }

  place('$$$scavenges', system('$metadata', { $maxAge: 2_592_000 }));
  committed = records.length;

  return {
    /** Judges, and places what is accepted. It is visible, and survives a restart, only after `commit`. */
    write(stream: string, expected: Expected, events: readonly Proposed[]): Verdict {
      const verdict = judge(stream, expected, events.map(({ id }) => id));
      if (verdict) return verdict;
      const before = last(stream);
      const revived = isSoftDeleted(stream);
      let position = end;
      for (const event of events) position = place(stream, event).position;
      if (revived) place(`$$${stream}`, system('$metadata', { $tb: before + 1 }));
      return { kind: 'ok', first: before + 1, last: before + events.length, position };
    },
    remove(stream: string, expected: Expected, how: 'soft' | 'tombstone'): Verdict {
      const verdict = judge(stream, expected, [randomUUID()]);
      if (verdict) return verdict;
      if (how === 'soft' && last(stream) < 0 && last(`$$${stream}`) < 0) return { kind: 'wrongExpectedVersion', current: -1 };
      const record = how === 'soft'
        ? place(`$$${stream}`, system('$metadata', { $tb: never }))
        : place(stream, system('$streamDeleted', {}));
      return { kind: 'ok', first: record.revision, last: record.revision, position: record.position };
    },
    /** Makes everything that was placed visible. @returns what became visible */
    commit(): StoredRecord[] {
      const fresh = records.slice(committed);
      committed = records.length;
      return fresh;
    },
    /** What a kill leaves: the committed records. */
    crash(): void {
      records.length = committed;
      const lastRecord = records.at(-1);
      end = lastRecord ? lastRecord.position + overhead + 2 * (lastRecord.stream.length + lastRecord.type.length) + lastRecord.data.length + lastRecord.metadata.length : 0;
      streams.clear();
      tombstones.clear();
      truncateBefore.clear();
      recentIds.clear();
      records.forEach(index);
    },
    /** Committed records in order. */
    count: () => committed,
    at: (i: number): StoredRecord | undefined => (i < committed ? records[i] : undefined),
    /** Number of the first committed record at or after this offset. @returns undefined when the offset is none that this log ever gave out */
    find(offset: number): number | undefined {
      let low = 0;
      let high = committed;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((records[middle]?.position ?? 0) < offset) low = middle + 1;
        else high = middle;
      }
      const next = records[low];
      return next?.position === offset || (low === records.length && offset === end) ? low : undefined;
    },
    end: () => end,
    isTombstone: (stream: string) => tombstones.has(stream),
    /** What of a stream can be read; undefined: not found. */
    read(stream: string): StoredRecord[] | undefined {
      const from = truncateBefore.get(stream) ?? 0;
      if (from === never) return undefined;
      const visible = streams.get(stream)?.filter((record) => record.revision >= from && isCommitted(record));
      return visible && visible.length > 0 ? visible : undefined;
    },
  };
}
