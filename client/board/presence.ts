import type { BoardFromClient, BoardFromServer } from '../../src/commands/rooms/protocol/board.ts';

type Of<M, T extends string> = Extract<M, { t: T }> extends { d: infer D } ? D : never;
export type Pointer = Of<BoardFromClient, 'pointer'>;
export type StrokePart = Of<BoardFromClient, 'stroke'>;
export type Laser = Of<BoardFromClient, 'laser'>;

/** Somebody's stroke that has not landed: every point of it that was heard. */
export type LiveStroke = { id: string; page: string; x: number; y: number; style: Record<string, string | number>; points: number[]; heardAt: number };

export type Somebody = {
  clientId: string;
  personId: string;
  pointer?: Pointer;
  laser?: { page: string; points: readonly number[]; heardAt: number };
  strokes: Map<string, LiveStroke>;
};

export type Presence = {
  people(): IterableIterator<Somebody>;
  take(news: Of<BoardFromServer, 'presence'>, now: number): void;
  /** Forgets strokes that stopped long ago, and lasers that have faded. */
  fade(now: number): void;
  clear(): void;
};

const strokeAgeMs = 8_000;
const laserAgeMs = 1_200;
/** As many numbers as a whole stroke may have. */
const longest = 80_000;

/** The others, as of the last moment. Bounded: one entry for each client in the room, and what faded is forgotten. */
export function createPresence(): Presence {
  const others = new Map<string, Somebody>();
  return {
    people: () => others.values(),
    take({ people }, now) {
      for (const { personId, clientId, gone, pointer, strokes, laser } of people) {
        if (gone) {
          others.delete(clientId);
          continue;
        }
        const who = others.get(clientId) ?? { clientId, personId, strokes: new Map<string, LiveStroke>() };
        others.set(clientId, who);
        if (pointer) who.pointer = pointer;
        if (laser) who.laser = { ...laser, heardAt: now };
        for (const part of strokes ?? []) grow(who.strokes, part, now);
      }
    },
    fade(now) {
      for (const who of others.values()) {
        if (who.laser && now - who.laser.heardAt > laserAgeMs) delete who.laser;
        for (const [id, stroke] of who.strokes) if (now - stroke.heardAt > strokeAgeMs) who.strokes.delete(id);
      }
    },
    clear: () => others.clear(),
  };
}

/** Parts may be lost: a part that does not join what is known is put where it belongs, and the hole drawn as a straight line. */
function grow(strokes: Map<string, LiveStroke>, part: StrokePart, now: number): void {
  const known = strokes.get(part.id) ?? { id: part.id, page: part.page, x: part.x ?? 0, y: part.y ?? 0, style: part.style ?? {}, points: [], heardAt: now };
  const at = Math.min(part.from * 4, known.points.length);
  known.points.length = at;
  if (known.points.length + part.points.length <= longest) known.points.push(...part.points);
  known.heardAt = now;
  strokes.set(part.id, known);
}
