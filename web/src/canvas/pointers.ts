import { toBoard, type Camera, type Point } from './camera.ts';
import type { Gesture, Press } from '../tools/tool.ts';

export type PointerHandlers = {
  camera(): Camera;
  /** `pan`: with the middle button, or the space bar held. */
  press(press: Press, pan: boolean): Gesture | undefined;
  hover(press: Press | undefined): void;
  /** Two fingers: what was between them stays between them. */
  pinch(camera: Camera): void;
  spaceHeld(): boolean;
};

/** A palm lies on the glass while the pen writes: touches are not listened to so long after a pen was seen. */
const palmMs = 700;

/** Mouse, pen and fingers on the board: one draws, two move the paper. */
export function listenToPointers(target: HTMLElement, handlers: PointerHandlers): void {
  const fingers = new Map<number, Point>();
  let active: { id: number; gesture: Gesture; pinchable: boolean } | undefined;
  let pinch: { camera: Camera; middle: Point; apart: number } | undefined;
  let penAt = -Infinity;

  const screenOf = (event: PointerEvent): Point => {
    const { left, top } = target.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const pressOf = (event: PointerEvent): Press => {
    const screen = screenOf(event);
    // A mouse and most fingers say 0 or 0.5: only a pen's pressure is one.
    const pressure = event.pointerType === 'pen' && event.pressure > 0 ? event.pressure : 0.5;
    return { screen, board: toBoard(handlers.camera(), screen), pressure, time: event.timeStamp, shift: event.shiftKey, alt: event.altKey, kind: event.pointerType };
  };
  const isPalm = (event: PointerEvent): boolean => event.pointerType === 'touch' && (event.timeStamp - penAt < palmMs || event.width > 60);

  const beginPinch = (): void => {
    const [a, b] = [...fingers.values()];
    if (!a || !b) return;
    active?.gesture.cancel();
    active = undefined;
    pinch = { camera: handlers.camera(), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  };
  const movePinch = (): void => {
    const [a, b] = [...fingers.values()];
    if (!a || !b || !pinch) return;
    const zoom = Math.min(8, Math.max(0.1, (pinch.camera.zoom * Math.hypot(a.x - b.x, a.y - b.y)) / pinch.apart));
    const held = toBoard(pinch.camera, pinch.middle);
    handlers.pinch({ zoom, x: held.x - (a.x + b.x) / 2 / zoom, y: held.y - (a.y + b.y) / 2 / zoom });
  };

  target.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'pen') penAt = event.timeStamp;
    if (isPalm(event) || (event.button !== 0 && event.button !== 1)) return;
    target.setPointerCapture(event.pointerId);
    if (event.pointerType === 'touch') {
      fingers.set(event.pointerId, screenOf(event));
      if (fingers.size === 2) return beginPinch();
      if (fingers.size > 2 || pinch) return;
    }
    if (active) return;
    const gesture = handlers.press(pressOf(event), event.button === 1 || handlers.spaceHeld());
    if (gesture) active = { id: event.pointerId, gesture, pinchable: event.pointerType === 'touch' };
    event.preventDefault();
  });
  target.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'pen') penAt = event.timeStamp;
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, screenOf(event));
    if (pinch) return movePinch();
    if (active?.id === event.pointerId) {
      const all = event.getCoalescedEvents();
      active.gesture.move((all.length > 0 ? all : [event]).map(pressOf));
    }
    if (event.pointerType !== 'touch' || active) handlers.hover(pressOf(event));
  });
  const up = (event: PointerEvent, cancelled: boolean): void => {
    fingers.delete(event.pointerId);
    if (pinch && fingers.size < 2) pinch = undefined;
    if (active?.id !== event.pointerId) return;
    const { gesture } = active;
    active = undefined;
    if (cancelled) gesture.cancel();
    else gesture.end(pressOf(event));
  };
  target.addEventListener('pointerup', (event) => up(event, false));
  target.addEventListener('pointercancel', (event) => up(event, true));
  target.addEventListener('pointerleave', (event) => { if (event.pointerType !== 'touch') handlers.hover(undefined); });
  target.addEventListener('contextmenu', (event) => event.preventDefault());
}
