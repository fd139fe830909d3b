import { freshId, type SentShape, type Shape } from '../../../client/index.ts';
import type { Point } from '../canvas/camera.ts';
import type { Press, Stage, Tool } from './tool.ts';

export type FigureName = 'line' | 'arrow' | 'rectangle' | 'ellipse';

const rounded = (value: number): number => Math.round(value * 100) / 100;
/** A press that hardly moves was no figure. */
const leastSize = 4;

/** Shift: a square, a circle, a line in steps of 15 degrees. */
function figure(stage: Stage, type: FigureName, id: string, from: Point, to: Point, even: boolean): Shape {
  const { color, width, fill, dash } = stage.style();
  const style = { color, width, ...(fill === undefined || type === 'line' || type === 'arrow' ? {} : { fill }), ...(dash === undefined ? {} : { dash }) };
  const common = { id, ...stage.place(), style, author: '' };
  if (type === 'line' || type === 'arrow') {
    let [dx, dy] = [to.x - from.x, to.y - from.y];
    if (even) {
      const angle = Math.round(Math.atan2(dy, dx) / (Math.PI / 12)) * (Math.PI / 12);
      const length = Math.hypot(dx, dy);
      [dx, dy] = [Math.cos(angle) * length, Math.sin(angle) * length];
    }
    return { ...common, type, x: rounded(from.x), y: rounded(from.y), to: { x: rounded(dx), y: rounded(dy) } };
  }
  let [w, h] = [to.x - from.x, to.y - from.y];
  if (even) {
    const side = Math.max(Math.abs(w), Math.abs(h));
    [w, h] = [side * Math.sign(w || 1), side * Math.sign(h || 1)];
  }
  return { ...common, type, x: rounded(Math.min(from.x, from.x + w)), y: rounded(Math.min(from.y, from.y + h)), width: rounded(Math.abs(w)), height: rounded(Math.abs(h)) };
}

/** As it is sent: who drew it is for the server to say. */
export const sent = ({ author: _, ...shape }: Shape): SentShape => shape as SentShape;

export function figures(stage: Stage, type: FigureName): Tool {
  const add = (shape: Shape): void => {
    if (stage.apply([{ op: 'shape.add', shape: sent(shape) }]) !== undefined) stage.selection.set([]);
  };
  return {
    cursor: 'crosshair',
    press(first) {
      if (!stage.mayDraw()) return undefined;
      const id = freshId();
      const at = (press: Press): Shape => figure(stage, type, id, first.board, press.board, press.shift);
      return {
        move: (presses) => stage.overlay.draft(at(presses.at(-1) ?? first)),
        end(press) {
          stage.overlay.draft(undefined);
          if (Math.hypot(press.screen.x - first.screen.x, press.screen.y - first.screen.y) >= leastSize) add(at(press));
        },
        cancel: () => stage.overlay.draft(undefined),
      };
    },
    insert(at) {
      if (!stage.mayDraw()) return;
      const id = freshId();
      const flat = type === 'line' || type === 'arrow';
      add(figure(stage, type, id, { x: at.x - 80, y: at.y - (flat ? 0 : 60) }, { x: at.x + 80, y: at.y + (flat ? 0 : 60) }, false));
      stage.selection.set([id]);
    },
  };
}
