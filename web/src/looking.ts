import type { Shape } from '../../client/index.ts';
import { leastZoom, onBoard, toBoard, zoomedAt, type Camera, type Point } from './canvas/camera.ts';
import { boxOf, contains, inflated, union } from './canvas/geometry.ts';

/** Where one looks: the camera, what moves it by wheel, button and key, and how much of the board it shows. */
export type Looking = {
  camera(): Camera;
  look(camera: Camera): void;
  zoomBy(factor: number): void;
  /** All of the page, at most at its own size. */
  fit(): void;
  /** `fit`, unless all of it is to be seen already. */
  fitWhenOutside(): void;
  /** The board under the middle of the window. */
  centre(): Point;
};

const atFirst: Camera = { x: -40, y: -80, zoom: 1 };
/** Wider than this the tools stand beside the board, else below it: CSS pixels, as in style.css. */
const wide = 760;

export function createLooking(field: HTMLElement, shapes: () => readonly Shape[], changed: (camera: Camera) => void): Looking {
  let camera = atFirst;
  const look = (next: Camera): void => {
    camera = onBoard(next);
    changed(camera);
  };
  const middle = (): Point => ({ x: field.clientWidth / 2, y: field.clientHeight / 2 });
  const fit = (): void => {
    const all = union(shapes().map((shape) => inflated(boxOf(shape), 24)));
    if (!all) return look(atFirst);
    const [width, height] = [field.clientWidth, field.clientHeight];
    const [beside, below] = width > wide ? [180, 150] : [16, 250];
    const zoom = Math.min(1, Math.max(leastZoom, Math.min((width - beside) / all.width, (height - below) / all.height)));
    look({ zoom, x: all.x + all.width / 2 - width / 2 / zoom, y: all.y + all.height / 2 - height / 2 / zoom });
  };

  field.addEventListener('wheel', (event) => {
    event.preventDefault();
    const { left, top } = field.getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) return look(zoomedAt(camera, at, Math.exp(-event.deltaY * unit * 0.01)));
    const [dx, dy] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    look({ ...camera, x: camera.x + (dx * unit) / camera.zoom, y: camera.y + (dy * unit) / camera.zoom });
  }, { passive: false });

  return {
    camera: () => camera,
    look, fit,
    zoomBy: (factor) => look(zoomedAt(camera, middle(), factor)),
    fitWhenOutside() {
      const all = union(shapes().map(boxOf));
      const { x, y, zoom } = camera;
      if (all && !contains({ x, y, width: field.clientWidth / zoom, height: field.clientHeight / zoom }, all)) fit();
    },
    centre: () => toBoard(camera, middle()),
  };
}
