import { freshId, type Op, type Shape } from '../../../client/index.ts';
import type { Point } from '../canvas/camera.ts';
import { hits, toShape } from '../canvas/geometry.ts';
import { cutOut } from './cutOut.ts';
import { sent } from './figures.ts';
import type { Stage, Tool } from './tool.ts';

/** In CSS pixels, whatever the zoom. */
export const eraserRadius = 10;
const everyMs = 40;

/** What it touches goes: the shape, or of a stroke only the part under it. */
export function eraser(stage: Stage): Tool {
  const ops = (at: Point, gone: Set<string>): Op[] => {
    const radius = eraserRadius / stage.camera().zoom;
    return stage.shapes().filter((shape) => !gone.has(shape.id) && hits(shape, at, radius) && stage.mayEdit(shape)).flatMap((shape): Op[] => {
      const done = erased(shape, at, radius, stage.erasesWhole());
      if (done.length > 0) gone.add(shape.id);
      return done;
    });
  };
  return {
    cursor: 'none',
    press(first) {
      let gestureId: string | undefined;
      let waiting: Point[] = [first.board];
      let erasedAt = -Infinity;
      const work = (now: number, isLast: boolean): void => {
        if (!isLast && now - erasedAt < everyMs) return;
        erasedAt = now;
        for (const at of waiting) {
          const group = ops(at, new Set());
          if (group.length > 0) gestureId = stage.apply(group, gestureId) ?? gestureId;
        }
        waiting = [];
      };
      work(performance.now(), true);
      let last = first.board;
      return {
        move(presses) {
          const step = eraserRadius / stage.camera().zoom;
          for (const { board: to } of presses) {
            const steps = Math.min(200, Math.ceil(Math.hypot(to.x - last.x, to.y - last.y) / step));
            for (let i = 1; i <= steps; i++) waiting.push({ x: last.x + ((to.x - last.x) * i) / steps, y: last.y + ((to.y - last.y) * i) / steps });
            last = to;
          }
          work(performance.now(), false);
        },
        end: () => work(performance.now(), true),
        cancel() { if (gestureId !== undefined) stage.board.undo(gestureId); },
      };
    },
  };
}

/** A split is one op, and has to fit one group: of a stroke longer than that the pieces are added by themselves. */
const mostPointsOfSplit = 1_500;

function erased(shape: Shape, at: Point, radius: number, whole: boolean): Op[] {
  const gone: Op = { op: 'shape.delete', id: shape.id };
  if (whole || shape.type !== 'stroke') return [gone];
  const pieces = cutOut(shape.points, toShape(shape, at), radius / shape.scale + shape.style.width / 2);
  if (!pieces) return [];
  if (pieces.length === 0) return [gone];
  const into = pieces.slice(0, 200).map((points) => sent({ ...shape, id: freshId(), points }));
  if (shape.points.length / 4 <= mostPointsOfSplit) return [{ op: 'shape.split', id: shape.id, into }];
  return [gone, ...into.map((piece): Op => ({ op: 'shape.add', shape: piece }))];
}
