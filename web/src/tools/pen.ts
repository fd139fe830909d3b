import { freshId, type Shape } from '../../../client/index.ts';
import type { Press, Stage, Tool } from './tool.ts';

type Stroke = Extract<Shape, { type: 'stroke' }>;
/** A stroke in progress lands every so many points. */
const landEvery = 256;
/** Others see it grow this often. */
const tellEveryMs = 40;
/** Points closer than this many CSS pixels say nothing new. */
const leastStep = 0.8;
/** As many as a stroke may have. */
const mostPoints = 20_000;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Draws at once; what others see of it before it lands goes by the lane that may lose things. */
export function pen(stage: Stage): Tool {
  return {
    cursor: 'crosshair',
    press(first) {
      if (!stage.mayDraw()) return undefined;
      const { board } = stage;
      const stroke: Omit<Stroke, 'points'> = { id: freshId(), type: 'stroke', ...stage.place(), x: rounded(first.board.x), y: rounded(first.board.y), style: { color: stage.style().color, width: stage.style().width }, author: '' };
      let gestureId: string | undefined;
      let points: number[] = [];
      let landed = 0;
      let told = 0;
      let toldAt = 0;
      let last: Press | undefined;

      const add = (press: Press): void => {
        if (points.length / 4 >= mostPoints) return;
        if (last && Math.hypot(press.screen.x - last.screen.x, press.screen.y - last.screen.y) < leastStep) return;
        points.push(rounded(press.board.x - stroke.x), rounded(press.board.y - stroke.y), rounded(press.pressure), last ? Math.round(Math.min(10_000, press.time - last.time)) : 0);
        last = press;
      };
      /** The points from `landed` on become part of the board. */
      const land = (): void => {
        const part = points.slice(landed * 4);
        if (part.length === 0) return;
        const { author: _, ...sent } = stroke;
        const done = landed === 0
          ? stage.apply([{ op: 'shape.add', shape: { ...sent, points: part } }], gestureId)
          : stage.apply([{ op: 'shape.append', id: stroke.id, points: part }], gestureId);
        if (done === undefined) return;
        gestureId = done;
        landed = points.length / 4;
      };
      const tell = (now: number): void => {
        if (now - toldAt < tellEveryMs || points.length / 4 === told) return;
        toldAt = now;
        board.stroke({ page: stroke.page, id: stroke.id, from: told, points: points.slice(told * 4, told * 4 + 2_000), x: stroke.x, y: stroke.y, style: { color: stroke.style.color, width: stroke.style.width } });
        told = points.length / 4;
      };
      const show = (): void => stage.overlay.draft({ ...stroke, points: points.slice() });

      add(first);
      show();
      return {
        move(presses) {
          for (const press of presses) add(press);
          tell(performance.now());
          if (points.length / 4 - landed >= landEvery) land();
          show();
        },
        end(press) {
          add(press);
          land();
          stage.overlay.draft(undefined);
        },
        cancel() {
          points = [];
          stage.overlay.draft(undefined);
          if (gestureId !== undefined) board.undo(gestureId);
        },
      };
    },
  };
}
