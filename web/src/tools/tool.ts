import type { BoardConnection, BoardDoc, Op, Shape, Style } from '../../../client/index.ts';
import type { Camera, Point } from '../canvas/camera.ts';
import type { Box } from '../canvas/geometry.ts';

export type ToolName = 'select' | 'hand' | 'pen' | 'line' | 'arrow' | 'rectangle' | 'ellipse' | 'text' | 'sticky' | 'eraser' | 'laser';

/** A pointer on the board. `board`: in board units; the others in CSS pixels of the window. */
export type Press = { board: Point; screen: Point; pressure: number; time: number; shift: boolean; alt: boolean; kind: string };

/** From the press of a pointer to its release. `cancel`: a second finger came, Escape was pressed; nothing of it is to stay. */
export type Gesture = { move(presses: readonly Press[]): void; end(press: Press): void; cancel(): void };

export type Tool = {
  cursor: string;
  press(press: Press): Gesture | undefined;
  /** Enter on the board: what the tool makes, at this place, without a pointer. */
  insert?(at: Point): void;
};

/** What a tool may touch. */
export type Stage = {
  board: BoardConnection;
  doc(): BoardDoc;
  page(): string;
  camera(): Camera;
  look(camera: Camera): void;
  style(): Style;
  /** Erases whole shapes rather than what the eraser touches. */
  erasesWhole(): boolean;
  shapes(): readonly Shape[];
  shapeAt(at: Point): Shape | undefined;
  mayDraw(): boolean;
  mayEdit(shape: Shape): boolean;
  /** `undefined`: it could not be done (said to the person already). */
  apply(ops: readonly Op[], gestureId?: string): string | undefined;
  /** Where a new shape goes: page, layer, on top of everything. */
  place(): Pick<Shape, 'page' | 'layer' | 'z' | 'rotation' | 'scale' | 'locked'>;
  selection: Selection;
  preview(changed: ReadonlyMap<string, Shape>): void;
  /** Drawn over the board until it is set anew. */
  overlay: { draft(shape: Shape | undefined): void; marquee(box: Box | undefined): void; laser(points: readonly number[]): void };
  editText(shape: Extract<Shape, { text: string }>, isNew: boolean): void;
  tool(name: ToolName): void;
  say(text: string): void;
};

export type Selection = {
  ids(): ReadonlySet<string>;
  shapes(): Shape[];
  set(ids: Iterable<string>): void;
  has(id: string): boolean;
};
