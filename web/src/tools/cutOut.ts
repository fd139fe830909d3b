type Point = { x: number; y: number };

const rounded = (value: number): number => Math.round(value * 100) / 100;

/**
 * A stroke without what lies in a circle.
 * @param points flat: x, y, pressure, dt
 * @returns the pieces that are left, each of at least two points; undefined when the circle touches nothing
 */
export function cutOut(points: readonly number[], centre: Point, radius: number): number[][] | undefined {
  const count = points.length / 4;
  const inside = (i: number): boolean => Math.hypot((points[i * 4] ?? 0) - centre.x, (points[i * 4 + 1] ?? 0) - centre.y) < radius;
  const pieces: number[][] = [];
  let piece: number[] = [];
  let touched = false;
  const finish = (): void => {
    if (piece.length >= 8) pieces.push(piece);
    piece = [];
  };
  const keep = (i: number): void => void piece.push(...points.slice(i * 4, i * 4 + 4));
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      const [enter, leave] = crossing(points, i - 1, centre, radius);
      if (enter < leave && leave > 0 && enter < 1) {
        touched = true;
        if (enter > 0) piece.push(...between(points, i - 1, enter));
        finish();
        if (leave < 1) piece.push(...between(points, i - 1, leave));
      }
    }
    if (inside(i)) touched = true;
    else keep(i);
  }
  finish();
  return touched ? pieces : undefined;
}

/** Where the line from point i to the next crosses the circle, 0 at i and 1 at the next; enter ≥ leave: not at all. */
function crossing(points: readonly number[], i: number, centre: Point, radius: number): [number, number] {
  const [x = 0, y = 0, , , toX = 0, toY = 0] = points.slice(i * 4, i * 4 + 6);
  const [dx, dy, fx, fy] = [toX - x, toY - y, x - centre.x, y - centre.y];
  const a = dx * dx + dy * dy;
  if (a === 0) return Math.hypot(fx, fy) < radius ? [-1, 2] : [1, 0];
  const b = 2 * (fx * dx + fy * dy);
  const root = b * b - 4 * a * (fx * fx + fy * fy - radius * radius);
  if (root <= 0) return [1, 0];
  return [(-b - Math.sqrt(root)) / (2 * a), (-b + Math.sqrt(root)) / (2 * a)];
}

function between(points: readonly number[], i: number, t: number): number[] {
  return [0, 1, 2, 3].map((k) => {
    const [from = 0, to = 0] = [points[i * 4 + k], points[(i + 1) * 4 + k]];
    return k === 3 ? Math.round(to * t) : rounded(from + (to - from) * t);
  });
}
