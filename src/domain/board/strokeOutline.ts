import { numbersPerPoint } from './limits.ts';

/** A path for SVG's `d`, to be filled, or to be drawn with the stroke's width. */
export type StrokePath = { d: string; filled: boolean };

/** Hundredths are finer than any screen; what is not a number (only garbage has it) counts as 0. */
export const num = (value: number): string => String(Number.isFinite(value) ? Math.round(value * 100) / 100 + 0 : 0);

/** How thick a line is at this pressure, of its style's width. A mouse says 0.5 all the time: its lines are as wide as the style says. */
const thickness = (pressure: number): number => 0.4 + 1.2 * Math.min(1, Math.max(0, pressure));

/** A smooth curve through the middles between a stroke's points; with changing pressure the outline of it. */
export function strokePath(points: readonly number[], width: number): StrokePath {
  const count = Math.floor(points.length / numbersPerPoint);
  const x = (i: number): number => points[i * numbersPerPoint] ?? 0;
  const y = (i: number): number => points[i * numbersPerPoint + 1] ?? 0;
  const radius = (i: number): number => (width / 2) * thickness(points[i * numbersPerPoint + 2] ?? 0.5);
  if (count === 0) return { d: '', filled: false };
  if (count === 1) {
    const r = radius(0);
    return { d: `M${num(x(0) - r)} ${num(y(0))}a${num(r)} ${num(r)} 0 1 0 ${num(2 * r)} 0a${num(r)} ${num(r)} 0 1 0 ${num(-2 * r)} 0Z`, filled: true };
  }
  let isEven = true;
  for (let i = 1; isEven && i < count; i += 1) isEven = Math.abs((points[i * numbersPerPoint + 2] ?? 0.5) - 0.5) < 0.02;
  const along: Point[] = [];
  if (isEven) {
    for (let i = 0; i < count; i += 1) along.push([x(i), y(i)]);
    return { d: `M${num(x(0))} ${num(y(0))}${curve(along)}`, filled: false };
  }
  return { d: outline(count, x, y, radius), filled: true };
}

type Point = readonly [number, number];

function curve(points: readonly Point[]): string {
  let d = '';
  for (let i = 1; i < points.length - 1; i += 1) {
    const [px, py] = points[i] as Point;
    const [qx, qy] = points[i + 1] as Point;
    d += `Q${num(px)} ${num(py)} ${num((px + qx) / 2)} ${num((py + qy) / 2)}`;
  }
  const [x, y] = points.at(-1) as Point;
  return `${d}L${num(x)} ${num(y)}`;
}

/** Along one side, around the end, back along the other. */
function outline(count: number, x: (i: number) => number, y: (i: number) => number, raw: (i: number) => number): string {
  // Pens jitter in pressure from point to point more than a hand does.
  const radius = (i: number): number => (raw(Math.max(0, i - 1)) + raw(i) + raw(Math.min(count - 1, i + 1))) / 3;
  const left: Point[] = [];
  const right: Point[] = [];
  let [nx, ny] = [0, 1];
  for (let i = 0; i < count; i += 1) {
    const [a, b] = [Math.max(0, i - 1), Math.min(count - 1, i + 1)];
    const [dx, dy] = [x(b) - x(a), y(b) - y(a)];
    const length = Math.hypot(dx, dy);
    if (length > 1e-6) [nx, ny] = [-dy / length, dx / length];
    left.push([x(i) + nx * radius(i), y(i) + ny * radius(i)]);
    right.push([x(i) - nx * radius(i), y(i) - ny * radius(i)]);
  }
  right.reverse();
  const cap = (i: number, [px, py]: Point): string => `A${num(radius(i))} ${num(radius(i))} 0 0 0 ${num(px)} ${num(py)}`;
  const [first, turn] = [left[0] as Point, right[0] as Point];
  return `M${num(first[0])} ${num(first[1])}${curve(left)}${cap(count - 1, turn)}${curve(right)}${cap(0, first)}Z`;
}
