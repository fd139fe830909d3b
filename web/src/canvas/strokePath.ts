/** How thick a line is at this pressure, of its style's width. A mouse says 0.5 all the time: its lines are as wide as the style says. */
const thickness = (pressure: number): number => 0.4 + 1.2 * Math.min(1, Math.max(0, pressure));

export type StrokePath = { path: Path2D; /** To be filled: an outline. Otherwise drawn with the line's width. */ fill: boolean };

/** A smooth curve through the middles of a stroke's points; one of changing pressure as the outline of it. */
export function strokePath(points: readonly number[], width: number): StrokePath {
  const path = new Path2D();
  const count = Math.floor(points.length / 4);
  const x = (i: number): number => points[i * 4] ?? 0;
  const y = (i: number): number => points[i * 4 + 1] ?? 0;
  const pressure = (i: number): number => points[i * 4 + 2] ?? 0.5;
  if (count === 0) return { path, fill: false };
  if (count === 1) {
    path.arc(x(0), y(0), (width / 2) * thickness(pressure(0)), 0, Math.PI * 2);
    return { path, fill: true };
  }
  let even = true;
  for (let i = 1; even && i < count; i++) even = Math.abs(pressure(i) - 0.5) < 0.02;
  if (even) {
    path.moveTo(x(0), y(0));
    for (let i = 1; i < count - 1; i++) path.quadraticCurveTo(x(i), y(i), (x(i) + x(i + 1)) / 2, (y(i) + y(i + 1)) / 2);
    path.lineTo(x(count - 1), y(count - 1));
    return { path, fill: false };
  }
  outline(path, count, x, y, (i) => (width / 2) * thickness(pressure(i)));
  return { path, fill: true };
}

/** Along one side, around the end, back along the other. */
function outline(path: Path2D, count: number, x: (i: number) => number, y: (i: number) => number, rawRadius: (i: number) => number): void {
  // Pens jitter in pressure from point to point more than a hand does.
  const radius = (i: number): number => (rawRadius(Math.max(0, i - 1)) + rawRadius(i) + rawRadius(Math.min(count - 1, i + 1))) / 3;
  const left: [number, number][] = [];
  const right: [number, number][] = [];
  let [nx, ny] = [0, 1];
  for (let i = 0; i < count; i++) {
    const [a, b] = [Math.max(0, i - 1), Math.min(count - 1, i + 1)];
    const [dx, dy] = [x(b) - x(a), y(b) - y(a)];
    const length = Math.hypot(dx, dy);
    if (length > 1e-6) [nx, ny] = [-dy / length, dx / length];
    const r = radius(i);
    left.push([x(i) + nx * r, y(i) + ny * r]);
    right.push([x(i) - nx * r, y(i) - ny * r]);
  }
  const side = (points: readonly [number, number][]): void => {
    for (let i = 1; i < points.length - 1; i++) {
      const [px, py] = points[i] ?? [0, 0];
      const [qx, qy] = points[i + 1] ?? [0, 0];
      path.quadraticCurveTo(px, py, (px + qx) / 2, (py + qy) / 2);
    }
    path.lineTo(...(points.at(-1) ?? [0, 0]));
  };
  const cap = (i: number, from: [number, number] | undefined): void => {
    const start = Math.atan2((from?.[1] ?? 0) - y(i), (from?.[0] ?? 0) - x(i));
    path.arc(x(i), y(i), radius(i), start, start - Math.PI, true);
  };
  path.moveTo(...(left[0] ?? [0, 0]));
  side(left);
  cap(count - 1, left.at(-1));
  side(right.toReversed());
  cap(0, right[0]);
  path.closePath();
}
