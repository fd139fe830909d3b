import { countOn, layerAt, pageAt, shapeAt, zBetween, type OpenRoom, type Shape, type Style } from '../../client/index.ts';
import { toBoard, zoomedAt, type Camera, type Point } from './canvas/camera.ts';
import { boxOf, contains, hits, inflated, union, type Box } from './canvas/geometry.ts';
import { createImages } from './canvas/images.ts';
import { createOverlay } from './canvas/overlay.ts';
import type { PaintWith } from './canvas/paint.ts';
import { createPicture } from './canvas/picture.ts';
import { listenToPointers } from './canvas/pointers.ts';
import { fitted, openTextEditor, type TextEditor } from './canvas/textEditor.ts';
import { h } from './dom.ts';
import type { Notices } from './panels/notices.ts';
import type { Rights } from './rights.ts';
import { eraser, eraserRadius } from './tools/eraser.ts';
import { figures, sent } from './tools/figures.ts';
import { frameOf } from './tools/frame.ts';
import { pen } from './tools/pen.ts';
import { hand, laser } from './tools/pointing.ts';
import { select } from './tools/select.ts';
import type { Press, Stage, Tool, ToolName } from './tools/tool.ts';
import { writing } from './tools/writing.ts';
import { changes } from './tools/changes.ts';

export type EaselEvents = { changed(): void; looked(camera: Camera): void };

/** The board on the screen: canvases, tools, selection, camera. What it holds is this person's view; what is drawn is the board's. */
export type Easel = Stage & {
  element: HTMLElement;
  toolName(): ToolName;
  setStyle(style: Partial<Style>): void;
  setErasesWhole(whole: boolean): void;
  goTo(page: string): void;
  zoomBy(factor: number): void;
  fit(): void;
  /** `fit`, unless all of it is to be seen already. */
  fitWhenOutside(): void;
  centre(): Point;
  insert(): void;
  editSelected(): void;
  redraw(): void;
  setDark(dark: boolean): void;
  spaceHeld: boolean;
  finishWriting(): void;
  stats(): { frames: number; fullMs: number; painted: number };
};

/** CSS pixels around a line within which a press means it. */
const pressReach = { mouse: 6, pen: 8, touch: 14 } as const;
const pointerEveryMs = 40;

export function createEasel(room: OpenRoom, rights: Rights, notices: Notices, nameOf: (personId: string) => string, events: EaselEvents): Easel {
  const { board } = room;
  const still = h('canvas', { class: 'still' });
  const live = h('canvas', { class: 'live' });
  const field = h('div', { class: 'field', tabindex: 0, role: 'application', 'aria-label': 'Board. Enter adds the chosen figure, arrow keys move what is selected, Alt with an arrow selects the next.' }, still, live);
  const element = h('div', { class: 'easel' }, field);

  let camera: Camera = { x: -40, y: -80, zoom: 1 };
  let page = board.view().pages[0]?.id ?? 'page-1';
  let name: ToolName = 'pen';
  let style: Style = { color: '#1f2430', width: 4 };
  let whole = false;
  let selected: ReadonlySet<string> = new Set();
  let draft: Shape | undefined;
  let marquee: Box | undefined;
  let light: { points: readonly number[]; heardAt: number } | undefined;
  let hover: Press | undefined;
  let writer: TextEditor | undefined;
  let previewed: ReadonlyMap<string, Shape> = new Map();
  let pointerAt = -Infinity;
  let pressKind: keyof typeof pressReach = 'mouse';

  const env: PaintWith = { dark: false, image: (sha256) => images.get(sha256) };
  const picture = createPicture(still, env);
  const images = createImages((sha256) => room.api.image(room.roomId, sha256), () => picture.refresh());
  const hidden = (): ReadonlySet<string> => new Set(writer?.editing() === undefined ? [] : [writer.editing() ?? '']);
  const selection: Stage['selection'] = {
    ids: () => selected,
    has: (id) => selected.has(id),
    shapes: () => [...selected].flatMap((id) => previewed.get(id) ?? shapeAt(board.view(), id) ?? []).filter((shape) => shape.page === page),
    set(ids) {
      selected = new Set(ids);
      overlay.draw();
      events.changed();
    },
  };
  const overlay = createOverlay(live, {
    camera: () => camera, page: () => page,
    drafts: () => (draft ? [draft] : []),
    marquee: () => marquee,
    frame() {
      const shapes = selection.shapes();
      const frame = writer?.editing() === undefined ? frameOf(shapes, camera) : undefined;
      return frame && { frame, handles: name === 'select' && shapes.some(stage.mayEdit) };
    },
    laser: () => light,
    eraser: () => (name === 'eraser' && hover ? { ...hover.screen, radius: eraserRadius } : undefined),
    presence: board.presence,
    landed(id) {
      const shape = shapeAt(board.view(), id);
      return shape?.type === 'stroke' ? shape.points.length / 4 : 0;
    },
    nameOf,
  }, env);

  const stage: Stage = {
    board, selection,
    doc: () => board.view(),
    page: () => page,
    camera: () => camera,
    look(next) {
      camera = next;
      picture.look(next);
      writer?.follow(next);
      overlay.draw();
      events.looked(next);
    },
    style: () => style,
    erasesWhole: () => whole,
    shapes: () => picture.shapes(),
    shapeAt(at) {
      const tolerance = pressReach[pressKind] / camera.zoom;
      return picture.shapes().findLast((shape) => hits(shape, at, tolerance));
    },
    mayDraw() {
      const why = rights.whyNotDraw();
      if (why !== undefined) notices.show(why);
      return why === undefined;
    },
    mayEdit: (shape) => !shape.locked && layerAt(board.view(), shape.page, shape.layer)?.locked !== true && rights.mayEdit(shape.author),
    apply(ops, gestureId) {
      const done = board.apply(ops, gestureId);
      if (done === undefined) notices.show('Too much is waiting to be saved. Your last change was not taken; wait until the connection is back.');
      return done;
    },
    place() {
      const layer = pageAt(board.view(), page)?.layers.findLast(({ visible, locked }) => visible && !locked)?.id ?? 'layer-1';
      const top = picture.shapes().findLast((shape) => shape.layer === layer)?.z ?? null;
      return { page, layer, z: zBetween(top, null), rotation: 0, scale: 1, locked: false };
    },
    preview(changed) {
      previewed = changed;
      picture.preview(changed, hidden());
      overlay.draw();
    },
    overlay: {
      draft: (shape) => { draft = shape; overlay.draw(); },
      marquee: (box) => { marquee = box; overlay.draw(); },
      laser: (points) => { light = { points, heardAt: performance.now() }; overlay.draw(); },
    },
    editText(shape, isNew) {
      writer?.finish();
      writer = openTextEditor({
        shape, camera, dark: env.dark, into: field,
        done(text) {
          writer = undefined;
          finishText(shape, text, isNew);
          picture.preview(previewed, hidden());
          field.focus({ preventScroll: true });
        },
      });
      picture.preview(previewed, hidden());
      overlay.draw();
      if (!isNew) board.pointer({ page, x: shape.x, y: shape.y, editing: shape.id });
    },
    tool(next) {
      writer?.finish();
      name = next;
      field.style.cursor = tools[next].cursor;
      if (next !== 'select') selection.set([]);
      hover = undefined;
      overlay.draw();
      events.changed();
    },
    say: notices.say,
  };

  const finishText = (shape: Extract<Shape, { text: string }>, text: string, isNew: boolean): void => {
    if (isNew) {
      if (text === '' && shape.type === 'text') return;
      stage.apply([{ op: 'shape.add', shape: sent(fitted(shape, text)) }]);
      if (name !== 'select') stage.tool('select');
      selection.set([shape.id]);
    } else if (text === '' && shape.type === 'text') stage.apply([{ op: 'shape.delete', id: shape.id }]);
    else {
      const op = changes(shape, fitted(shape, text));
      if (op) stage.apply([op]);
    }
  };

  const tools: Record<ToolName, Tool> = {
    select: select(stage), hand: hand(stage), pen: pen(stage), line: figures(stage, 'line'), arrow: figures(stage, 'arrow'),
    rectangle: figures(stage, 'rectangle'), ellipse: figures(stage, 'ellipse'), text: writing(stage, 'text'), sticky: writing(stage, 'sticky'),
    eraser: eraser(stage), laser: laser(stage),
  };

  listenToPointers(field, {
    camera: () => camera,
    press(press, pan) {
      pressKind = press.kind === 'touch' ? 'touch' : press.kind === 'pen' ? 'pen' : 'mouse';
      if (writer) {
        writer.finish();
        return undefined;
      }
      field.focus({ preventScroll: true });
      return tools[pan || easel.spaceHeld ? 'hand' : name].press(press);
    },
    hover(press) {
      hover = press;
      if (name === 'eraser') overlay.draw();
      const now = performance.now();
      if (!press || now - pointerAt < pointerEveryMs) return;
      pointerAt = now;
      board.pointer({ page, x: Math.round(press.board.x), y: Math.round(press.board.y) });
    },
    pinch: (next) => stage.look(next),
    spaceHeld: () => easel.spaceHeld,
  });
  field.addEventListener('wheel', (event) => {
    event.preventDefault();
    const { left, top } = field.getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) stage.look(zoomedAt(camera, at, Math.exp(-event.deltaY * unit * 0.01)));
    else stage.look({ ...camera, x: camera.x + ((event.shiftKey ? event.deltaY : event.deltaX) * unit) / camera.zoom, y: camera.y + ((event.shiftKey ? 0 : event.deltaY) * unit) / camera.zoom });
  }, { passive: false });
  field.addEventListener('dblclick', (event) => {
    if (name !== 'select') return;
    const { left, top } = field.getBoundingClientRect();
    const at = toBoard(camera, { x: event.clientX - left, y: event.clientY - top });
    const there = stage.shapeAt(at);
    if (there && (there.type === 'text' || there.type === 'sticky') && stage.mayEdit(there)) stage.editText(there, false);
  });

  new ResizeObserver(() => {
    const { width, height } = element.getBoundingClientRect();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    picture.resize(width, height, ratio);
    overlay.resize(width, height, ratio);
    picture.look(camera);
  }).observe(element);

  const show = (): void => {
    const doc = board.view();
    if (!pageAt(doc, page)) page = doc.pages[0]?.id ?? page;
    picture.show(doc, page);
    const left = [...selected].filter((id) => shapeAt(doc, id)?.page === page);
    if (left.length !== selected.size) selection.set(left);
    overlay.draw();
    events.changed();
  };
  board.on('view', show);
  board.on('presence', () => overlay.draw());

  const middle = (): Point => ({ x: element.clientWidth / 2, y: element.clientHeight / 2 });
  const easel: Easel = Object.assign(stage, {
    element,
    spaceHeld: false,
    toolName: () => name,
    setStyle(next: Partial<Style>) {
      style = { ...style, ...next };
      for (const key of Object.keys(next) as (keyof Style)[]) if (next[key] === undefined) delete style[key];
      const ops = selection.shapes().filter(stage.mayEdit).flatMap((shape) => {
        const fits = { ...next };
        if (shape.type === 'sticky' && fits.color !== undefined) delete fits.color;
        const op = changes(shape, { ...shape, style: { ...shape.style, ...fits } } as Shape);
        const unset = next.fill === undefined && 'fill' in next && shape.style.fill !== undefined && shape.type !== 'sticky' ? [{ op: 'shape.update' as const, id: shape.id, set: {}, unset: ['style.fill' as const] }] : [];
        return [...(op ? [op] : []), ...unset];
      });
      if (ops.length > 0) stage.apply(ops);
      events.changed();
    },
    setErasesWhole(next: boolean) {
      whole = next;
      events.changed();
    },
    goTo(next: string) {
      if (next === page || !pageAt(board.view(), next)) return;
      writer?.finish();
      page = next;
      selection.set([]);
      show();
    },
    zoomBy: (factor: number) => stage.look(zoomedAt(camera, middle(), factor)),
    fit() {
      const all = union(picture.shapes().map((shape) => inflated(boxOf(shape), 24)));
      const [width, height] = [element.clientWidth, element.clientHeight];
      if (!all) return stage.look({ x: -40, y: -80, zoom: 1 });
      const zoom = Math.min(1, Math.max(0.1, Math.min((width - (width > 760 ? 180 : 16)) / all.width, (height - (width > 760 ? 150 : 250)) / all.height)));
      stage.look({ zoom, x: all.x + all.width / 2 - width / 2 / zoom, y: all.y + all.height / 2 - height / 2 / zoom });
    },
    fitWhenOutside() {
      const all = union(picture.shapes().map(boxOf));
      const { x, y } = camera;
      if (all && !contains({ x, y, width: element.clientWidth / camera.zoom, height: element.clientHeight / camera.zoom }, all)) easel.fit();
    },
    centre: () => toBoard(camera, middle()),
    insert: () => tools[name].insert?.(toBoard(camera, middle())),
    editSelected() {
      const [only] = selection.shapes();
      if (only && selected.size === 1 && (only.type === 'text' || only.type === 'sticky') && stage.mayEdit(only)) stage.editText(only, false);
    },
    redraw() {
      picture.refresh();
      overlay.draw();
    },
    setDark(dark: boolean) {
      env.dark = dark;
      picture.refresh();
      overlay.draw();
    },
    finishWriting: () => writer?.finish(),
    stats: () => picture.stats(),
  });
  field.style.cursor = tools[name].cursor;
  show();
  return easel;
}

/** How many shapes a page has, in words. */
export const pageInWords = (easel: Easel): string => {
  const page = pageAt(easel.doc(), easel.page());
  const count = page ? countOn(easel.doc(), page) : 0;
  return `${page?.title ?? ''}, ${count === 1 ? '1 shape' : `${count} shapes`}`;
};
