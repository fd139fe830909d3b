import type { Op, Shape } from '../../../client/index.ts';
import { toBoard, type Point } from '../canvas/camera.ts';
import { boxAround, boxOf, contains, hits, meet } from '../canvas/geometry.ts';
import { changes } from './changes.ts';
import { boardCentre, endMoved, frameOf, handleAt, moved, rotated, scaled, stretched, type Handle } from './frame.ts';
import type { Gesture, Press, Stage, Tool } from './tool.ts';

/** Others see a drag this often; one of very many shapes only at its end. */
const tellEveryMs = 120;
const tooManyToTell = 150;
const leastDrag = 3;

/** Picks shapes, moves, turns and sizes them. */
export function select(stage: Stage): Tool {
  /** Something is done to `before` as the pointer goes: seen at once, told now and then, all one gesture. */
  const drag = (before: readonly Shape[], change: (press: Press) => Shape[]): Gesture => {
    let gestureId: string | undefined;
    let told: readonly Shape[] = before;
    let toldAt = performance.now();
    const tell = (shapes: Shape[]): boolean => {
      const ops = shapes.flatMap((shape, i): Op[] => {
        const last = told[i];
        const op = last && changes(last, shape);
        return op ? [op] : [];
      });
      if (ops.length === 0) return true;
      const done = stage.apply(ops, gestureId);
      if (done === undefined) return false;
      gestureId = done;
      told = shapes;
      return true;
    };
    return {
      move(presses) {
        const press = presses.at(-1);
        if (!press) return;
        const shapes = change(press);
        const now = performance.now();
        if (before.length <= tooManyToTell && now - toldAt > tellEveryMs) {
          toldAt = now;
          tell(shapes);
        }
        stage.preview(new Map(shapes.map((shape) => [shape.id, shape])));
      },
      end(press) {
        tell(change(press));
        stage.preview(new Map());
      },
      cancel() {
        stage.preview(new Map());
        if (gestureId !== undefined) stage.board.undo(gestureId);
      },
    };
  };

  const byHandle = (handle: Handle, shapes: readonly Shape[]): Gesture | undefined => {
    const [only] = shapes;
    if (!only) return undefined;
    if (handle === 'rotate') {
      const around = boardCentre(shapes);
      const angleOf = (at: Point): number => Math.atan2(at.y - around.y, at.x - around.x) + Math.PI / 2;
      const first = shapes.length === 1 ? only.rotation : 0;
      return drag(shapes, ({ board, shift }) => {
        const step = Math.PI / 12;
        const angle = shift ? Math.round(angleOf(board) / step) * step : angleOf(board);
        return shapes.map((shape) => rotated(shape, angle - first, around));
      });
    }
    if (handle === 'from' || handle === 'to') return only.type === 'line' || only.type === 'arrow' ? drag([only], ({ board }) => [endMoved(only, handle, board)]) : undefined;
    if (shapes.length === 1) return drag([only], ({ board, shift }) => [stretched(only, handle, board, shift !== (only.type === 'image'))]);
    const frame = frameOf(shapes, stage.camera());
    const fixedAt = frame?.handles.find(({ name }) => name === ({ nw: 'se', ne: 'sw', se: 'nw', sw: 'ne' } as const)[handle])?.at;
    const start = frame?.handles.find(({ name }) => name === handle)?.at;
    if (!fixedAt || !start) return undefined;
    const [fixed, from] = [toBoard(stage.camera(), fixedAt), toBoard(stage.camera(), start)];
    const length = Math.hypot(from.x - fixed.x, from.y - fixed.y);
    return drag(shapes, ({ board }) => {
      const along = ((board.x - fixed.x) * (from.x - fixed.x) + (board.y - fixed.y) * (from.y - fixed.y)) / Math.max(1e-6, length * length);
      return shapes.map((shape) => scaled(shape, Math.max(0.05, along), fixed));
    });
  };

  const marquee = (first: Press, kept: ReadonlySet<string>): Gesture => ({
    move(presses) {
      const box = boxAround([first.board, (presses.at(-1) ?? first).board]);
      stage.overlay.marquee(box);
      const inside = stage.shapes().filter((shape) => !shape.locked && (contains(box, boxOf(shape)) || (meet(box, boxOf(shape)) && touches(shape, box))));
      stage.selection.set([...kept, ...inside.map(({ id }) => id)]);
    },
    end: () => stage.overlay.marquee(undefined),
    cancel: () => stage.overlay.marquee(undefined),
  });

  return {
    cursor: 'default',
    press(first) {
      const { selection } = stage;
      const editable = selection.shapes().filter(stage.mayEdit);
      const frame = frameOf(selection.shapes(), stage.camera());
      const handle = frame && editable.length > 0 ? handleAt(frame, first.screen) : undefined;
      if (handle) return byHandle(handle, editable);
      const under = stage.shapeAt(first.board);
      const inFrame = frame !== undefined && selection.ids().size > 1 && insideOf(frame.corners, first.screen);
      if (!under && !inFrame) {
        if (!first.shift) selection.set([]);
        return marquee(first, first.shift ? new Set(selection.ids()) : new Set());
      }
      const wasIn = under === undefined || selection.has(under.id);
      if (under && first.shift) selection.set(wasIn ? [...selection.ids()].filter((id) => id !== under.id) : [...selection.ids(), under.id]);
      else if (under && !wasIn) selection.set([under.id]);
      const shapes = selection.shapes().filter(stage.mayEdit);
      if (shapes.length === 0) return { move: () => undefined, end: () => undefined, cancel: () => undefined };
      let begun = false;
      const gesture = drag(shapes, ({ board }) => shapes.map((shape) => moved(shape, board.x - first.board.x, board.y - first.board.y)));
      return {
        move(presses) {
          const { screen } = presses.at(-1) ?? first;
          begun ||= Math.hypot(screen.x - first.screen.x, screen.y - first.screen.y) >= leastDrag;
          if (begun) gesture.move(presses);
        },
        end(press) {
          if (begun) gesture.end(press);
          else if (under && wasIn && !first.shift && selection.ids().size > 1) selection.set([under.id]);
        },
        cancel: () => { if (begun) gesture.cancel(); },
      };
    },
  };
}

/** A few points of its ink lie in the box: enough for a marquee. */
function touches(shape: Shape, box: { x: number; y: number; width: number; height: number }): boolean {
  for (let i = 0; i <= 4; i++) for (let j = 0; j <= 4; j++) if (hits(shape, { x: box.x + (box.width * i) / 4, y: box.y + (box.height * j) / 4 }, Math.max(box.width, box.height) / 8)) return true;
  return false;
}

function insideOf(frame: readonly Point[], at: Point): boolean {
  const box = boxAround(frame);
  return at.x >= box.x && at.y >= box.y && at.x <= box.x + box.width && at.y <= box.y + box.height;
}
