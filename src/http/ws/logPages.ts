import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import { textFrame } from './textFrame.ts';

/** One op group as the log has it. `json` is what other clients get for it (`othersGroup` of the protocol). */
export type LoggedGroup = { version: number; personId: string; clientId: string; seq: number; kind: 'ops' | 'undo' | 'redo'; isRestore: boolean; json: string };

/** Groups in order after version `from`, at most `limit`. @throws EventStoreError when the log is away */
export type ReadGroups = (roomId: string, from: number, limit: number) => Promise<readonly LoggedGroup[]>;

/** A piece of a board's log: the groups after `from`, up to and with `to`. It never changes. */
export type Page = { from: number; to: number; groups: readonly LoggedGroup[]; bytes: number; frames: readonly Buffer[] };

export type LogPages = {
  /** From `from` to the next boundary or `upTo`, whichever comes first. @throws EventStoreError when the log is away */
  read(roomId: string, from: number, upTo: number): Promise<Page>;
};

/**
 * Boundaries are the same for everybody, so that many sockets that fell behind share what is read for them. A board with large groups is read
 * in small pieces: somebody who reads slowly holds a whole one. Each divides the one before.
 */
const boundaries = [{ groups: 256, upToBytes: 1_024 }, { groups: 32, upToBytes: 16 * 1_024 }, { groups: 4, upToBytes: Infinity }] as const;
const atFirst = 32;
const cacheBytes = 16 * 1024 * 1024;
const mostFrameBytes = 128 * 1024;
/** Reads at once: a thousand sockets that come back together must not take the log away from those who write. */
const readsAtOnce = 8;

export function createLogPages(readGroups: ReadGroups): LogPages {
  const pages = new LRUCache<string, Page>({ maxSize: cacheBytes, maxEntrySize: cacheBytes / 8, sizeCalculation: (page) => 2 * page.bytes + 200 });
  const running = new Map<string, Promise<Page>>();
  const turns = createTurns(readsAtOnce);
  /** Bytes of a group, by the page of the board that was read last. */
  const groupSizes = new LRUCache<string, number>(atMost(10_000));
  const boundaryOf = (roomId: string): number => {
    const size = groupSizes.get(roomId);
    return size === undefined ? atFirst : (boundaries.find(({ upToBytes }) => size <= upToBytes)?.groups ?? atFirst);
  };

  const fetchPage = async (roomId: string, from: number, to: number): Promise<Page> => {
    const groups = await turns(() => readGroups(roomId, from, to - from));
    // Shorter than what was told of: the reader is behind, and asked again.
    if (groups.length !== to - from) throw new Error(`the log of board ${roomId} has ${groups.length} groups after ${from}, where ${to - from} were told of`);
    let bytes = 0;
    for (const group of groups) bytes += group.json.length;
    return { from, to, groups, bytes, frames: framesOf(from, groups, (group) => group.json) };
  };

  return {
    async read(roomId, from, upTo) {
      const boundary = boundaryOf(roomId);
      const to = Math.min(upTo, (Math.floor(from / boundary) + 1) * boundary);
      const key = `${from} ${to} ${roomId}`;
      const known = pages.get(key);
      if (known) return known;
      let reading = running.get(key);
      if (!reading) {
        reading = fetchPage(roomId, from, to).finally(() => running.delete(key));
        running.set(key, reading);
      }
      const page = await reading;
      groupSizes.set(roomId, page.bytes / (page.to - page.from));
      pages.set(key, page);
      return page;
    },
  };
}

/** A page as one client gets it: its own groups in short, since it has them; those of its undos in full, since it does not. */
export function framesFor(page: Page, you: { personId: string; clientId: string } | undefined): readonly Buffer[] {
  const isOwn = (group: LoggedGroup): boolean => group.kind === 'ops' && group.personId === you?.personId && group.clientId === you.clientId;
  if (!you || !page.groups.some(isOwn)) return page.frames;
  return framesOf(page.from, page.groups, (group) =>
    isOwn(group) ? `{"version":${group.version},"clientId":"${group.clientId}","seq":${group.seq}}` : group.json);
}

function framesOf(from: number, groups: readonly LoggedGroup[], jsonOf: (group: LoggedGroup) => string): Buffer[] {
  const frames: Buffer[] = [];
  let first = from;
  let parts: string[] = [];
  let bytes = 0;
  const cut = (): void => {
    frames.push(textFrame(`{"t":"ops","d":{"from":${first},"groups":[${parts.join(',')}]}}`));
    first += parts.length;
    parts = [];
    bytes = 0;
  };
  for (const group of groups) {
    const json = jsonOf(group);
    if (parts.length > 0 && bytes + json.length > mostFrameBytes) cut();
    parts.push(json);
    bytes += json.length;
  }
  if (parts.length > 0) cut();
  return frames;
}

/** Runs at most so many at once, the others in the order they came. */
function createTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = atOnce;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => void queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}
