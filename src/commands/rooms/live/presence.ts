import type { BoardFromClient } from '../protocol/board.ts';
import type { z } from 'zod';
import type { presence as presenceMessage } from '../protocol/board.ts';
import { frame } from './frames.ts';

type Ephemeral = Extract<BoardFromClient, { t: 'pointer' | 'stroke' | 'laser' }>;
type Someone = z.output<typeof presenceMessage>['d']['people'][number];
type Stroke = NonNullable<Someone['strokes']>[number];

/** Of one stroke in progress, x, y, pressure, dt each. */
const numbersPerPoint = 4;
const mostNumbers = 2_048;
/** Strokes of one client in one frame; more are not drawn by hand in 33 ms. */
const mostStrokes = 8;

export type Presence = {
  heard(personId: string, clientId: string, message: Ephemeral): void;
  gone(personId: string, clientId: string): void;
  stop(): void;
};

/**
 * What people point at and are drawing: gathered for 33 ms, then one frame for everybody, their own included (a client leaves itself
 * out). The timer runs only while something waits.
 */
export function createPresence({ everyMs, send }: { everyMs: number; send(frame: string): void }): Presence {
  let waiting = new Map<string, Someone>();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    const people = [...waiting.values()];
    waiting = new Map();
    send(frame({ t: 'presence', d: { people } }));
  };
  const of = (personId: string, clientId: string): Someone => {
    const key = `${personId}\n${clientId}`;
    let one = waiting.get(key);
    if (!one || one.gone) {
      one = { personId, clientId };
      waiting.set(key, one);
    }
    timer ??= setTimeout(flush, everyMs);
    return one;
  };

  return {
    heard(personId, clientId, message) {
      const one = of(personId, clientId);
      switch (message.t) {
        case 'pointer': one.pointer = message.d; break;
        case 'laser': one.laser = message.d; break;
        case 'stroke': one.strokes = joined(one.strokes ?? [], message.d); break;
      }
    },
    gone(personId, clientId) {
      of(personId, clientId);
      waiting.set(`${personId}\n${clientId}`, { personId, clientId, gone: true });
    },
    stop: () => clearTimeout(timer),
  };
}

/** The next piece of a stroke is added to the last one when it goes on from there. */
function joined(strokes: Stroke[], next: Stroke): Stroke[] {
  const last = strokes.at(-1);
  if (last && last.id === next.id && next.from === last.from + last.points.length / numbersPerPoint && last.points.length + next.points.length <= mostNumbers) {
    strokes[strokes.length - 1] = { ...last, ...next, from: last.from, points: [...last.points, ...next.points] };
    return strokes;
  }
  strokes.push(next);
  if (strokes.length > mostStrokes) strokes.shift();
  return strokes;
}
