import type { Op } from '../../src/domain/board/ops.ts';
import { mostBytesOfGroup, mostOpsOfGroup, mostPointsOfGroup, numbersPerPoint } from '../../src/domain/board/clientSide.ts';

/** Room for the envelope. */
const mostBytes = mostBytesOfGroup - 4 * 1024;
const mostNumbers = mostPointsOfGroup * numbersPerPoint;
/** Of a long stroke: as many points as stay below the bytes too, with digits to spare. */
const partNumbers = mostNumbers / 2;
const encoder = new TextEncoder();

/** Cuts a long list into as many groups as it takes: each whole on its own, all of one gesture. Only an op that cannot be cut and is too big by itself is left to be refused by name. */
export function inGroups(ops: readonly Op[]): Op[][] {
  const groups: Op[][] = [];
  let group: Op[] = [];
  let [bytes, numbers] = [0, 0];
  for (const op of ops.flatMap(inParts)) {
    const size = encoder.encode(JSON.stringify(op)).length + 1;
    const count = numbersOf(op);
    if (group.length > 0 && (group.length === mostOpsOfGroup || bytes + size > mostBytes || numbers + count > mostNumbers)) {
      groups.push(group);
      group = [];
      [bytes, numbers] = [0, 0];
    }
    group.push(op);
    bytes += size;
    numbers += count;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

const numbersOf = (op: Op): number => (op.op === 'shape.append' ? op.points.length : op.op === 'shape.add' && op.shape.type === 'stroke' ? op.shape.points.length : 0);

/** A long stroke is begun, and then grows. */
function inParts(op: Op): Op[] {
  if (numbersOf(op) <= partNumbers) return [op];
  const points = op.op === 'shape.append' ? op.points : op.op === 'shape.add' && op.shape.type === 'stroke' ? op.shape.points : [];
  const id = op.op === 'shape.append' ? op.id : op.op === 'shape.add' ? op.shape.id : '';
  const parts: Op[] = [];
  for (let at = 0; at < points.length; at += partNumbers) {
    const part = points.slice(at, at + partNumbers);
    if (at === 0 && op.op === 'shape.add' && op.shape.type === 'stroke') parts.push({ ...op, shape: { ...op.shape, points: part } });
    else parts.push({ op: 'shape.append', id, points: part });
  }
  return parts;
}
