import { countOn, firstLayer, layerAt, pageAt, shapeAt, zBetween, type OpenRoom, type Shape, type Style } from '../../client/index.ts';
import { toBoard, type Camera } from './canvas/camera.ts';
import { hits, type Box } from './canvas/geometry.ts';
import { createImages } from './canvas/images.ts';
import { createOverlay } from './canvas/overlay.ts';
import type { PaintWith } from './canvas/paint.ts';
import { createPicture } from './canvas/picture.ts';
import { listenToPointers } from './canvas/pointers.ts';
import { h } from './dom.ts';
import { createLooking, type Looking } from './looking.ts';
import type { Notices } from './panels/notices.ts';
import type { Rights } from './rights.ts';
import { eraser, eraserRadius } from './tools/eraser.ts';
import { figures } from './tools/figures.ts';
import { frameOf } from './tools/frame.ts';
import { pen } from './tools/pen.ts';
import { hand, laser } from './tools/pointing.ts';
import { restyled } from './tools/restyled.ts';
import { select } from './tools/select.ts';
import type { Press, Stage, Tool, ToolName } from './tools/tool.ts';
import { writing } from './tools/writing.ts';
import { createWriter } from './writer.ts';

/** What of a room the easel needs: also one that has ended has as much. */
export type EaselRoom = Pick<OpenRoom, 'roomId' | 'board'> & { api: Pick<OpenRoom['api'], 'image'> };
export type EaselEvents = { changed(): void; looked(camera: Camera): void };

/** The board on the screen: canvases, tools, selection, camera. What it holds is this person's view; what is drawn is the board's. */
export type Easel = Stage & Omit<Looking, 'camera' | 'look'> & {
  element: HTMLElement;
  toolName(): ToolName;
  setStyle(style: Partial<Style>): void;
  setErasesWhole(whole: boolean): void;
  goTo(page: string): void;
  /** The layer that new shapes go to; undefined when every layer of the page is hidden or locked. */
  layer(): string | undefined;
  chooseLayer(id: string): void;
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

export function createEasel(room: EaselRoom, rights: Rights, notices: Notices, nameOf: (personId: string) => string, events: EaselEvents): Easel {
  const { board } = room;
  const still = h('canvas', { class: 'still' });
  const live = h('canvas', { class: 'live' });
  const field = h('div', { class: 'field', tabindex: 0, role: 'application', 'aria-label': 'Board. Enter adds the chosen figure, arrow keys move what is selected, Alt with an arrow selects the next.' }, still, live);
  const element = h('div', { class: 'easel' }, field);

  let page = board.view().pages[0]?.id ?? 'page-1';
  /** By page: the layer that was chosen there. */
  const chosen = new Map<string, string>();
  let name: ToolName = 'pen';
  let style: Style = { color: '#1f2430', width: 4 };
  let whole = false;
  let selected: ReadonlySet<string> = new Set();
  let draft: Shape | undefined;
  let marquee: Box | undefined;
  let light: { points: readonly number[]; heardAt: number } | undefined;
  let hover: Press | undefined;
  let previewed: ReadonlyMap<string, Shape> = new Map();
  let pointerAt = -Infinity;
  let pressKind: keyof typeof pressReach = 'mouse';

  const env: PaintWith = { dark: false, image: (sha256) => images.get(sha256) };
  const picture = createPicture(still, env);
  const images = createImages((sha256) => room.api.image(room.roomId, sha256), () => picture.refresh());
  const hidden = (): ReadonlySet<string> => new Set([writer.editing()].filter((id) => id !== undefined));
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
    camera: () => looking.camera(), page: () => page,
    drafts: () => (draft ? [draft] : []),
    marquee: () => marquee,
    frame() {
      const shapes = selection.shapes();
      const frame = writer.editing() === undefined ? frameOf(shapes, looking.camera()) : undefined;
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

  const looking = createLooking(field, () => picture.shapes(), (camera) => {
    picture.look(camera);
    writer.follow(camera);
    overlay.draw();
    events.looked(camera);
  });
  const layer = (): string | undefined => {
    const free = (pageAt(board.view(), page)?.layers ?? []).filter(({ visible, locked }) => visible && !locked);
    return (free.find(({ id }) => id === chosen.get(page)) ?? free.at(-1))?.id;
  };

  const stage: Stage = {
    board, selection,
    doc: () => board.view(),
    page: () => page,
    camera: looking.camera,
    look: looking.look,
    style: () => style,
    erasesWhole: () => whole,
    shapes: () => picture.shapes(),
    shapeAt(at) {
      const tolerance = pressReach[pressKind] / looking.camera().zoom;
      return picture.shapes().findLast((shape) => hits(shape, at, tolerance));
    },
    mayDraw() {
      const why = rights.whyNotDraw() ?? (layer() === undefined ? 'Every layer of this page is hidden or locked.' : undefined);
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
      const on = layer() ?? firstLayer;
      const top = picture.shapes().findLast((shape) => shape.layer === on)?.z ?? null;
      return { page, layer: on, z: zBetween(top, null), rotation: 0, scale: 1, locked: false };
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
    editText: (shape, isNew) => writer.edit(shape, isNew),
    tool(next) {
      writer.finish();
      name = next;
      field.style.cursor = tools[next].cursor;
      if (next !== 'select') selection.set([]);
      hover = undefined;
      overlay.draw();
      events.changed();
    },
    say: notices.say,
  };

  const writer = createWriter(field, stage, {
    isDark: () => env.dark,
    isSelecting: () => name === 'select',
    changed() {
      picture.preview(previewed, hidden());
      overlay.draw();
    },
  });

  const tools: Record<ToolName, Tool> = {
    select: select(stage), hand: hand(stage), pen: pen(stage), line: figures(stage, 'line'), arrow: figures(stage, 'arrow'),
    rectangle: figures(stage, 'rectangle'), ellipse: figures(stage, 'ellipse'), text: writing(stage, 'text'), sticky: writing(stage, 'sticky'),
    eraser: eraser(stage), laser: laser(stage),
  };

  listenToPointers(field, {
    camera: looking.camera,
    press(press, pan) {
      pressKind = press.kind === 'touch' ? 'touch' : press.kind === 'pen' ? 'pen' : 'mouse';
      if (writer.finish()) return undefined;
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
  field.addEventListener('dblclick', (event) => {
    if (name !== 'select') return;
    const { left, top } = field.getBoundingClientRect();
    const at = toBoard(looking.camera(), { x: event.clientX - left, y: event.clientY - top });
    const there = stage.shapeAt(at);
    if (there && (there.type === 'text' || there.type === 'sticky') && stage.mayEdit(there)) stage.editText(there, false);
  });

  new ResizeObserver(() => {
    const { width, height } = element.getBoundingClientRect();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    picture.resize(width, height, ratio);
    overlay.resize(width, height, ratio);
    picture.look(looking.camera());
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

  const easel: Easel = Object.assign(stage, {
    element,
    spaceHeld: false,
    toolName: () => name,
    setStyle(next: Partial<Style>) {
      style = { ...style, ...next };
      for (const key of Object.keys(next) as (keyof Style)[]) if (next[key] === undefined) delete style[key];
      const ops = restyled(selection.shapes().filter(stage.mayEdit), next);
      if (ops.length > 0) stage.apply(ops);
      events.changed();
    },
    setErasesWhole(next: boolean) {
      whole = next;
      events.changed();
    },
    goTo(next: string) {
      if (next === page || !pageAt(board.view(), next)) return;
      writer.finish();
      page = next;
      selection.set([]);
      show();
      events.looked(looking.camera()); // whoever follows turns the page, too
    },
    layer,
    chooseLayer(id: string) {
      chosen.set(page, id);
      events.changed();
    },
    zoomBy: looking.zoomBy, fit: looking.fit, fitWhenOutside: looking.fitWhenOutside, centre: looking.centre,
    insert: () => tools[name].insert?.(looking.centre()),
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
    finishWriting: () => void writer.finish(),
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
