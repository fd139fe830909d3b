import type { Presence, Shape } from '../../../client/index.ts';
import { toScreen, type Camera } from './camera.ts';
import type { Box } from './geometry.ts';
import { paint, type PaintWith } from './paint.ts';
import type { Frame } from '../tools/frame.ts';

/** What lies over the board and is on no board: strokes in progress, lasers, pointers, the selection. */
export type Layered = {
  camera(): Camera;
  page(): string;
  drafts(): readonly Shape[];
  marquee(): Box | undefined;
  frame(): { frame: Frame; handles: boolean } | undefined;
  laser(): { points: readonly number[]; heardAt: number } | undefined;
  eraser(): { x: number; y: number; radius: number } | undefined;
  presence: Presence;
  /** How many points of a stroke have landed already. */
  landed(id: string): number;
  nameOf(personId: string): string;
};

export type Overlay = { draw(): void; resize(width: number, height: number, ratio: number): void };

const accent = '#3b6cf6';
const laserRed = '#ff3b47';
const laserMs = 1_000;
const hues = ['#e5484d', '#0d8a72', '#8e4ec6', '#d6600b', '#0b7bc1', '#b8269a', '#5b7a00', '#6f5ae8'];

/** The same colour for a person everywhere. */
export function colorOf(personId: string): string {
  let hash = 0;
  for (const sign of personId) hash = (Math.imul(hash, 31) + sign.charCodeAt(0)) | 0;
  return hues[Math.abs(hash) % hues.length] ?? accent;
}

export function createOverlay(canvas: HTMLCanvasElement, on: Layered, env: PaintWith): Overlay {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('There is no 2d canvas here.');
  let [width, height, ratio] = [0, 0, 1];
  let asked = false;
  let empty = true;

  const frame = (): void => {
    asked = false;
    const now = performance.now();
    on.presence.fade(now);
    if (!empty) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
    }
    empty = true;
    const camera = on.camera();
    const onBoard = (): void => context.setTransform(camera.zoom * ratio, 0, 0, camera.zoom * ratio, -camera.x * camera.zoom * ratio, -camera.y * camera.zoom * ratio);
    const onScreen = (): void => context.setTransform(ratio, 0, 0, ratio, 0, 0);

    onBoard();
    for (const draft of on.drafts()) {
      paint(context, draft, env);
      empty = false;
    }
    let moving = false;
    for (const { strokes, laser } of on.presence.people()) {
      for (const stroke of strokes.values()) {
        if (stroke.page !== on.page()) continue;
        const landed = on.landed(stroke.id);
        if (landed * 4 >= stroke.points.length) strokes.delete(stroke.id);
        else paint(context, asShape(stroke), env);
        moving = true;
        empty = false;
      }
      if (laser && laser.page === on.page()) moving = light(context, laser, now, camera.zoom) || moving;
    }
    const own = on.laser();
    if (own) moving = light(context, own, now, camera.zoom) || moving;
    if (moving) empty = false;

    onScreen();
    const marquee = on.marquee();
    if (marquee) {
      const { x, y } = toScreen(camera, marquee);
      context.fillStyle = 'rgb(59 108 246 / .1)';
      context.strokeStyle = accent;
      context.lineWidth = 1;
      context.fillRect(x, y, marquee.width * camera.zoom, marquee.height * camera.zoom);
      context.strokeRect(x, y, marquee.width * camera.zoom, marquee.height * camera.zoom);
      empty = false;
    }
    const framed = on.frame();
    if (framed) {
      selection(context, framed.frame, framed.handles);
      empty = false;
    }
    for (const { personId, pointer } of on.presence.people()) {
      if (!pointer || pointer.page !== on.page()) continue;
      cursor(context, toScreen(camera, pointer), colorOf(personId), on.nameOf(personId));
      empty = false;
    }
    const eraser = on.eraser();
    if (eraser) {
      context.beginPath();
      context.arc(eraser.x, eraser.y, eraser.radius, 0, Math.PI * 2);
      context.strokeStyle = env.dark ? '#fff' : '#333';
      context.lineWidth = 1.5;
      context.stroke();
      empty = false;
    }
    if (moving) draw();
  };
  const draw = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(frame);
  };
  return {
    draw,
    resize(nextWidth, nextHeight, nextRatio) {
      [width, height, ratio] = [nextWidth, nextHeight, nextRatio];
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      draw();
    },
  };
}

function asShape({ id, page, x, y, style, points }: { id: string; page: string; x: number; y: number; style: Record<string, string | number>; points: readonly number[] }): Shape {
  const color = typeof style['color'] === 'string' && /^#[0-9a-fA-F]{6}$/.test(style['color']) ? style['color'] : '#1f2430';
  const lineWidth = typeof style['width'] === 'number' ? style['width'] : 4;
  return { id, type: 'stroke', page, layer: '', x, y, rotation: 0, scale: 1, z: 'a0', style: { color, width: lineWidth }, author: '', locked: false, points: points.slice() };
}

/** @returns whether there is still something of it to be seen */
function light(context: CanvasRenderingContext2D, { points, heardAt }: { points: readonly number[]; heardAt: number }, now: number, zoom: number): boolean {
  const left = 1 - (now - heardAt) / laserMs;
  if (left <= 0) return false;
  context.save();
  context.strokeStyle = laserRed;
  context.lineCap = context.lineJoin = 'round';
  const count = points.length / 2;
  for (let i = 1; i < count; i++) {
    context.globalAlpha = left * (i / count);
    context.lineWidth = (2 + 3 * (i / count)) / zoom;
    context.beginPath();
    context.moveTo(points[i * 2 - 2] ?? 0, points[i * 2 - 1] ?? 0);
    context.lineTo(points[i * 2] ?? 0, points[i * 2 + 1] ?? 0);
    context.stroke();
  }
  context.globalAlpha = left;
  context.fillStyle = laserRed;
  context.shadowColor = laserRed;
  context.shadowBlur = 12;
  context.beginPath();
  context.arc(points.at(-2) ?? 0, points.at(-1) ?? 0, 5 / zoom, 0, Math.PI * 2);
  context.fill();
  context.restore();
  return true;
}

function selection(context: CanvasRenderingContext2D, { corners, handles }: Frame, withHandles: boolean): void {
  context.strokeStyle = accent;
  context.lineWidth = 1.5;
  context.beginPath();
  corners.forEach(({ x, y }, i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.closePath();
  context.stroke();
  if (!withHandles) return;
  context.fillStyle = '#fff';
  for (const { name, at } of handles) {
    context.beginPath();
    if (name === 'rotate' || name === 'from' || name === 'to') context.arc(at.x, at.y, 5.5, 0, Math.PI * 2);
    else context.roundRect(at.x - 5, at.y - 5, 10, 10, 2);
    context.fill();
    context.stroke();
  }
}

function cursor(context: CanvasRenderingContext2D, { x, y }: { x: number; y: number }, color: string, name: string): void {
  context.save();
  context.translate(x, y);
  context.fillStyle = color;
  context.strokeStyle = '#fff';
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(4.5, 15);
  context.lineTo(8, 9);
  context.lineTo(15, 7);
  context.closePath();
  context.fill();
  context.stroke();
  context.font = '600 12px system-ui, sans-serif';
  const label = name.length > 24 ? `${name.slice(0, 23)}…` : name;
  const wide = context.measureText(label).width;
  context.beginPath();
  context.roundRect(12, 14, wide + 14, 20, 6);
  context.fill();
  context.fillStyle = '#fff';
  context.textBaseline = 'middle';
  context.fillText(label, 19, 24.5);
  context.restore();
}
