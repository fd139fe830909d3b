import { freshId, pageAt, zBetween, zSeries, type Op, type OpenRoom, type Shape } from '../../client/index.ts';
import type { Easel } from './easel.ts';
import { boxOf, union } from './canvas/geometry.ts';
import { changes } from './tools/changes.ts';
import { sent } from './tools/figures.ts';
import { moved } from './tools/frame.ts';
import type { Notices } from './panels/notices.ts';

/** What is done to the selection, the page and the view: by button and by key alike. */
export type Actions = ReturnType<typeof createActions>;

const copyOffset = 24;
const kinds = { stroke: 'Stroke', line: 'Line', arrow: 'Arrow', rectangle: 'Rectangle', ellipse: 'Ellipse', text: 'Text', sticky: 'Note', image: 'Picture' } as const;
const imageTypes = ['image/png', 'image/jpeg', 'image/webp'];
const mostImageBytes = 10 * 1024 * 1024;

/** What of a room the actions need. */
export type ActionsRoom = Pick<OpenRoom, 'roomId' | 'board'> & { api: Pick<OpenRoom['api'], 'uploadImage'> };

export function createActions(easel: Easel, room: ActionsRoom, notices: Notices, nameOf: (personId: string) => string) {
  const editable = (): Shape[] => easel.selection.shapes().filter(easel.mayEdit);
  const inOrder = (): Shape[] => {
    const ids = new Set(editable().map(({ id }) => id));
    return easel.shapes().filter(({ id }) => ids.has(id));
  };
  const onTop = (): string | null => easel.shapes().at(-1)?.z ?? null;
  const put = (shapes: readonly Shape[], dx: number, dy: number): void => {
    if (shapes.length === 0 || !easel.mayDraw()) return;
    const place = easel.place();
    const zs = zSeries(onTop(), null, shapes.length);
    const copies = shapes.map((shape, i) => ({ ...moved(shape, dx, dy), id: freshId(), page: place.page, layer: place.layer, z: zs[i] ?? place.z, locked: false }));
    if (easel.apply(copies.map((shape): Op => ({ op: 'shape.add', shape: sent(shape) }))) === undefined) return;
    easel.tool('select');
    easel.selection.set(copies.map(({ id }) => id));
  };
  let clipboard: readonly Shape[] = [];
  let lastNudge: { at: number; gestureId: string; ids: string } | undefined;

  return {
    delete() {
      const ops = editable().map(({ id }): Op => ({ op: 'shape.delete', id }));
      if (ops.length === 0) return;
      easel.apply(ops);
      easel.say(ops.length === 1 ? 'Deleted.' : `${ops.length} shapes deleted.`);
    },
    duplicate: () => put(inOrderOf(easel), copyOffset, copyOffset),
    copy() { clipboard = inOrderOf(easel); },
    paste() {
      const box = union(clipboard.map(boxOf));
      if (!box) return;
      const middle = easel.centre();
      put(clipboard, middle.x - box.x - box.width / 2, middle.y - box.y - box.height / 2);
    },
    toFront() {
      const shapes = inOrder();
      const zs = zSeries(onTop(), null, shapes.length);
      apply(easel, shapes.map((shape, i) => [shape, { ...shape, z: zs[i] ?? shape.z }]));
    },
    toBack() {
      const shapes = inOrder();
      const lowest = easel.shapes()[0]?.z ?? null;
      const zs = zSeries(null, lowest, shapes.length);
      apply(easel, shapes.map((shape, i) => [shape, { ...shape, z: zs[i] ?? shape.z }]));
    },
    selectAll() {
      easel.tool('select');
      easel.selection.set(easel.shapes().filter(({ locked }) => !locked).map(({ id }) => id));
    },
    /** Strokes of one row of key presses are one gesture. */
    nudge(dx: number, dy: number) {
      const shapes = editable();
      if (shapes.length === 0) return;
      const ids = shapes.map(({ id }) => id).join();
      const now = performance.now();
      const going = lastNudge && lastNudge.ids === ids && now - lastNudge.at < 1_000 ? lastNudge.gestureId : undefined;
      const ops = shapes.flatMap((shape) => changes(shape, moved(shape, dx, dy)) ?? []);
      const gestureId = easel.apply(ops, going);
      if (gestureId !== undefined) lastNudge = { at: now, gestureId, ids };
    },
    selectNext(step: 1 | -1) {
      const shapes = easel.shapes();
      if (shapes.length === 0) return easel.say('There is nothing on this page.');
      const at = shapes.findIndex(({ id }) => easel.selection.has(id));
      const index = (at < 0 ? (step === 1 ? 0 : shapes.length - 1) : (at + step + shapes.length) % shapes.length);
      const shape = shapes[index];
      if (!shape) return;
      easel.tool('select');
      easel.selection.set([shape.id]);
      const words = 'text' in shape && shape.text !== '' ? `: ${shape.text.slice(0, 80)}` : '';
      easel.say(`${kinds[shape.type]} by ${nameOf(shape.author)}${words}, ${index + 1} of ${shapes.length}.`);
    },
    undo: () => room.board.undo(),
    redo: () => room.board.redo(),
    addPage() {
      const pages = easel.doc().pages;
      const id = freshId();
      const numbers = pages.map(({ title }) => Number(/^Page (\d+)$/.exec(title)?.[1] ?? 0));
      if (easel.apply([{ op: 'page.add', page: { id, title: `Page ${Math.max(pages.length, ...numbers) + 1}`, z: zBetween(pages.at(-1)?.z ?? null, null) } }]) !== undefined) easel.goTo(id);
    },
    deletePage() {
      if (easel.doc().pages.length > 1) easel.apply([{ op: 'page.delete', id: easel.page() }]);
    },
    renamePage: (title: string) => void easel.apply([{ op: 'page.update', id: easel.page(), set: { title } }]),
    clearPage: () => void easel.apply([{ op: 'board.clear', pageId: easel.page() }]),
    addLayer() {
      const layers = layersOf(easel);
      const id = freshId();
      const numbers = layers.map(({ name }) => Number(/^Layer (\d+)$/.exec(name)?.[1] ?? 0));
      const layer = { id, page: easel.page(), name: `Layer ${Math.max(layers.length, ...numbers) + 1}`, z: zBetween(layers.at(-1)?.z ?? null, null), visible: true, locked: false };
      if (easel.apply([{ op: 'layer.add', layer }]) !== undefined) easel.chooseLayer(id);
    },
    changeLayer: (id: string, set: { name?: string; visible?: boolean; locked?: boolean }) => void easel.apply([{ op: 'layer.update', page: easel.page(), id, set }]),
    deleteLayer(id: string) {
      if (layersOf(easel).length > 1) easel.apply([{ op: 'layer.delete', page: easel.page(), id }]);
    },
    /** One step up (towards the viewer) or down. */
    moveLayer(id: string, step: 1 | -1) {
      const layers = layersOf(easel);
      const at = layers.findIndex((layer) => layer.id === id);
      const [below, above] = step === 1 ? [layers[at + 1], layers[at + 2]] : [layers[at - 2], layers[at - 1]];
      if (at < 0 || (step === 1 ? !below : !above)) return;
      easel.apply([{ op: 'layer.reorder', page: easel.page(), id, z: zBetween(below?.z ?? null, above?.z ?? null) }]);
    },
    turnPage(step: 1 | -1) {
      const pages = easel.doc().pages;
      const next = pages[pages.findIndex(({ id }) => id === easel.page()) + step];
      if (next) easel.goTo(next.id);
    },
    /** Uploads pictures and puts them where one looks, as large as fits. */
    async addImages(files: readonly File[]) {
      const images = files.filter(({ type }) => imageTypes.includes(type));
      if (images.length < files.length) notices.show('Only PNG, JPEG and WebP pictures can be put on the board.');
      for (const file of images) {
        if (!easel.mayDraw()) return;
        if (file.size > mostImageBytes) {
          notices.show('That picture is larger than 10 MB.');
          continue;
        }
        try {
          const { sha256, width, height } = await room.api.uploadImage(room.roomId, file);
          const { zoom } = easel.camera();
          const factor = Math.min(1 / zoom, (easel.element.clientWidth * 0.6) / zoom / width, (easel.element.clientHeight * 0.6) / zoom / height);
          const [w, h] = [Math.round(width * factor), Math.round(height * factor)];
          const middle = easel.centre();
          const id = freshId();
          const done = easel.apply([{ op: 'shape.add', shape: { id, type: 'image', ...easel.place(), x: Math.round(middle.x - w / 2), y: Math.round(middle.y - h / 2), width: w, height: h, sha256, style: { color: '#808080', width: 0 } } }]);
          if (done === undefined) continue;
          easel.tool('select');
          easel.selection.set([id]);
        } catch (error) {
          notices.show(`The picture was not taken: ${error instanceof Error ? error.message : 'the upload failed.'}`);
        }
      }
    },
  };
}

const layersOf = (easel: Easel) => pageAt(easel.doc(), easel.page())?.layers ?? [];
const inOrderOf = (easel: Easel): Shape[] => easel.shapes().filter(({ id }) => easel.selection.has(id));

function apply(easel: Easel, pairs: readonly (readonly [Shape, Shape])[]): void {
  const ops = pairs.flatMap(([before, after]) => changes(before, after) ?? []);
  if (ops.length > 0) easel.apply(ops);
}
