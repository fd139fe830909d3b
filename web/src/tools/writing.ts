import { freshId, type Shape } from '../../../client/index.ts';
import { defaultFontSize } from '../canvas/paint.ts';
import { lineHeight } from '../canvas/textLayout.ts';
import type { Point } from '../canvas/camera.ts';
import type { Stage, Tool } from './tool.ts';

export const stickySide = 200;
export const stickyColors = ['#ffe58f', '#ffc9a9', '#c7f0c2', '#bfe3ff', '#e3d0ff'] as const;

/** A place to write: it is on the board once the writing ends. A press on a text that is there edits it. */
export function writing(stage: Stage, type: 'text' | 'sticky'): Tool {
  const begin = (at: Point): void => {
    const { color, fontSize } = stage.style();
    const common = { id: freshId(), ...stage.place(), author: '', text: '' };
    const size = fontSize ?? defaultFontSize;
    const shape: Extract<Shape, { text: string }> = type === 'text'
      ? { ...common, type, x: at.x, y: at.y - (size * lineHeight) / 2, width: 0, height: size * lineHeight, style: { color, width: 1, fontSize: size } }
      : { ...common, type, x: at.x - stickySide / 2, y: at.y - stickySide / 2, width: stickySide, height: stickySide, style: { color: '#1f2430', width: 1, fill: stage.style().fill ?? stickyColors[0], fontSize: size } };
    stage.editText(shape, true);
  };
  return {
    cursor: 'text',
    press(first) {
      if (!stage.mayDraw()) return undefined;
      const there = stage.shapeAt(first.board);
      return {
        move: () => undefined,
        end() {
          if (there && (there.type === 'text' || there.type === 'sticky') && stage.mayEdit(there)) stage.editText(there, false);
          else begin(first.board);
        },
        cancel: () => undefined,
      };
    },
    insert: (at) => { if (stage.mayDraw()) begin(at); },
  };
}
