import { DomainError } from '../../domain/kernel/domainError.ts';
import type { RoomLease, RoomOwners } from '../../ports/roomOwners.ts';
import { createGathering } from './live/gathering.ts';
import { createLiveRoom, type LiveRoom } from './live/liveRoom.ts';
import { roomTimes, type RoomParts, type RoomTimes } from './live/parts.ts';
import { unavailable } from './live/roomCommands.ts';
import type { NodeLink, RoomDoor } from './roomLink.ts';

export type RoomsDeps = Omit<RoomParts, 'times' | 'gathering'> & {
  owners: RoomOwners;
  /** Absent: this is the only process. */
  nodeLink?: NodeLink;
  times?: Partial<RoomTimes>;
};

export type Rooms = {
  /** Wherever the room is. */
  door: RoomDoor;
  /** Only if it is here, or nobody's: for another node, which has looked already. @throws DomainError `notOwner` */
  here: RoomDoor;
  /** Rooms that are open in this process. */
  open(): string[];
  /** Keeps leases alive, and lets go of rooms that nobody is in. */
  start(): void;
  /** Takes nothing more, finishes what is being written, closes the sockets with 1012, lets the leases go. */
  stop(): Promise<void>;
};

/** A lease as long as it is sure to be ours, by our own clock: a margin ends it before the others may take it. */
type Held = { lease: RoomLease; goodUntil: number };
type Here = { live: LiveRoom; held: Held };

/**
 * No append is begun this long before a lease ends: it takes up to 4 s (the statement's timeout) until it is written or never will be. With
 * the default lease and five renewals in it, Postgres may be away for 7 s before rooms are given up.
 */
const marginMs = 5_000;
const mostTries = 3;

export function createRooms(deps: RoomsDeps): Rooms {
  const { owners, nodeLink, logger } = deps;
  const parts: RoomParts = { ...deps, gathering: createGathering(), times: { ...roomTimes, ...deps.times } };
  const rooms = new Map<string, Here>();
  /** Being acquired: who asks meanwhile waits for the same answer. */
  const acquiring = new Map<string, Promise<Here | { nodeUrl: string }>>();
  /** Given up here while something of ours may still be on its way into the log. Their leases run out: whoever is next, here or elsewhere, shuts it out first. */
  const doubted = new Set<string>();
  /** Being let go of. */
  const leaving = new Set<LiveRoom>();
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let renewing: Promise<void> = Promise.resolve();

  const goodFor = owners.leaseMs - Math.min(marginMs, owners.leaseMs / 3);

  async function acquire(roomId: string): Promise<Here | { nodeUrl: string }> {
    const asked = performance.now();
    const acquired = await owners.acquire(roomId).catch((error: unknown) => {
      logger.warn({ err: error, roomId }, 'the owner of a room cannot be found');
      throw unavailable();
    });
    if (acquired.outcome === 'elsewhere') return { nodeUrl: acquired.nodeUrl };
    const held: Held = { lease: acquired.lease, goodUntil: asked + goodFor };
    if (stopping) {
      await letGo([held.lease]);
      throw unavailable();
    }
    const live = createLiveRoom(roomId, parts, { isGood: () => performance.now() < held.goodUntil, tookOver: doubted.delete(roomId) || acquired.tookOver }, (inDoubt) => {
      if (inDoubt) doubted.add(roomId);
      if (rooms.get(roomId)?.live !== live) return;
      rooms.delete(roomId);
      if (!inDoubt) void letGo([held.lease]);
    });
    const here: Here = { live, held };
    rooms.set(roomId, here);
    return here;
  }

  async function find(roomId: string): Promise<Here | { nodeUrl: string }> {
    if (stopping) throw unavailable();
    const here = rooms.get(roomId);
    if (here) return here;
    let asked = acquiring.get(roomId);
    if (!asked) {
      asked = acquire(roomId).finally(() => acquiring.delete(roomId));
      acquiring.set(roomId, asked);
    }
    return asked;
  }

  /** Does it here, or at the owner's; an owner that is none any more is looked up again. */
  async function at<T>(roomId: string, here: (live: LiveRoom) => T | Promise<T>, there: (link: NodeLink, nodeUrl: string) => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      const place = await find(roomId);
      if ('live' in place) return here(place.live);
      if (!nodeLink) throw unavailable();
      try {
        return await there(nodeLink, place.nodeUrl);
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'notOwner')) throw error;
        if (tried >= mostTries) throw unavailable();
      }
    }
  }

  async function ours(roomId: string): Promise<LiveRoom> {
    const place = await find(roomId);
    if ('live' in place) return place.live;
    throw new DomainError('notOwner', 'this room is not here');
  }

  const letGo = (leases: readonly RoomLease[]): Promise<void> =>
    owners.release(leases).catch((error: unknown) => logger.info({ err: error }, 'leases of rooms were not let go; they run out'));

  async function renew(): Promise<void> {
    const asked = performance.now();
    const mine = [...rooms.entries()];
    try {
      const still = await owners.renew(mine.map(([, { held }]) => held.lease));
      for (const [roomId, { live, held }] of mine) {
        if (still.has(roomId)) held.goodUntil = asked + goodFor;
        else if (rooms.get(roomId)?.live === live) live.lost();
      }
    } catch (error) {
      logger.warn({ err: error }, 'the leases of rooms cannot be renewed now');
      for (const [, { live, held }] of mine) if (performance.now() > held.goodUntil) live.lost();
    }
    for (const [, { live }] of mine) if (live.idleFor() > parts.times.idleMs) leave(live);
  }

  /** Not waited for: the other rooms' leases must not run out meanwhile. */
  function leave(live: LiveRoom): void {
    if (leaving.has(live)) return;
    leaving.add(live);
    live.leave()
      .catch((error: unknown) => logger.warn({ err: error, roomId: live.roomId }, 'a room that nobody is in could not be let go of'))
      .finally(() => leaving.delete(live));
  }

  const schedule = (): void => {
    timer = setTimeout(() => { renewing = renew().finally(() => { if (!stopping) schedule(); }); }, owners.leaseMs / 5);
    timer.unref();
  };

  return {
    door: {
      open: (roomId, edge) => at(roomId, (live) => live.enter(edge), (link, nodeUrl) => link.open(nodeUrl, roomId, edge)),
      execute: (roomId, command, context, options) =>
        at(roomId, (live) => live.execute(command, context, options), (link, nodeUrl) => link.execute(nodeUrl, roomId, command, context, options)),
    },
    here: {
      open: async (roomId, edge) => (await ours(roomId)).enter(edge),
      execute: async (roomId, command, context, options) => (await ours(roomId)).execute(command, context, options),
    },
    open: () => [...rooms.keys()],
    start: schedule,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await renewing;
      await Promise.allSettled(acquiring.values());
      const mine = [...rooms.entries()];
      await Promise.all(mine.map(([, { live }]) => live.leave()));
      await letGo(mine.flatMap(([roomId, { held }]) => (doubted.has(roomId) ? [] : [held.lease])));
    },
  };
}
