export type Point = { x: number; y: number };
/** `x`, `y`: what of the board is at the window's top left corner; `zoom`: CSS pixels per board unit. */
export type Camera = Readonly<{ x: number; y: number; zoom: number }>;

export const leastZoom = 0.1;
export const mostZoom = 8;

export const toBoard = (camera: Camera, screen: Point): Point => ({ x: camera.x + screen.x / camera.zoom, y: camera.y + screen.y / camera.zoom });
export const toScreen = (camera: Camera, board: Point): Point => ({ x: (board.x - camera.x) * camera.zoom, y: (board.y - camera.y) * camera.zoom });
export const panned = (camera: Camera, dx: number, dy: number): Camera => ({ ...camera, x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom });

/** A board ends where its coordinates do (10,000,000 units): what is drawn further out nobody would take. */
const farthest = 9e6;
const within = (value: number): number => Math.min(farthest, Math.max(-farthest, value));
export const onBoard = ({ x, y, zoom }: Camera): Camera => ({ x: within(x), y: within(y), zoom });

/** What is under `screen` stays there. */
export function zoomedAt(camera: Camera, screen: Point, factor: number): Camera {
  const zoom = Math.min(mostZoom, Math.max(leastZoom, camera.zoom * factor));
  const fixed = toBoard(camera, screen);
  return { zoom, x: fixed.x - screen.x / zoom, y: fixed.y - screen.y / zoom };
}
