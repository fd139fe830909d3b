import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Named maps whose changes are appended to a file, one JSON line each, before the vendor's answer leaves: a service does not
 * forget a meeting because its customer's computer crashed. A torn last line (kill -9 in the middle of a write) is dropped.
 */
export type Journal = {
  get<Value>(kind: string, key: string): Value | undefined;
  put(kind: string, key: string, value: unknown): void;
  remove(kind: string, key: string): void;
  all<Value>(kind: string): Value[];
};

/** @param file absent: memory only */
export function openJournal(file: string | undefined): Journal {
  const kinds = new Map<string, Map<string, unknown>>();
  const kind = (name: string) => {
    const known = kinds.get(name);
    if (known) return known;
    const made = new Map<string, unknown>();
    kinds.set(name, made);
    return made;
  };

  if (file !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
      const entry = readLine(line);
      if (!entry) continue;
      if (entry.value === undefined) kind(entry.kind).delete(entry.key);
      else kind(entry.kind).set(entry.key, entry.value);
    }
    const lines = [...kinds].flatMap(([name, entries]) => [...entries].map(([key, value]) => `${JSON.stringify({ kind: name, key, value })}\n`));
    writeFileSync(`${file}.new`, lines.join(''));
    renameSync(`${file}.new`, file);
  }
  const write = (entry: object) => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`);
  };

  return {
    get: <Value>(name: string, key: string) => kind(name).get(key) as Value | undefined,
    put(name, key, value) {
      kind(name).set(key, value);
      write({ kind: name, key, value });
    },
    remove(name, key) {
      if (kind(name).delete(key)) write({ kind: name, key });
    },
    all: <Value>(name: string) => [...kind(name).values()] as Value[],
  };
}

function readLine(line: string): { kind: string; key: string; value?: unknown } | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as { kind: string; key: string; value?: unknown };
  } catch {
    return undefined;
  }
}
