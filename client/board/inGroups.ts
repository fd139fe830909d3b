import type { Op } from '../../src/domain/board/ops.ts';

/** The protocol's limits, with room to spare for the envelope. */
const mostOps = 500;
const mostBytes = 60 * 1024;
const encoder = new TextEncoder();

/** Cuts a long list into as many groups as it takes: each whole on its own, all of one gesture. An op that is too big by itself goes alone, and is refused by name. */
export function inGroups(ops: readonly Op[]): Op[][] {
  const groups: Op[][] = [];
  let group: Op[] = [];
  let bytes = 0;
  for (const op of ops) {
    const size = encoder.encode(JSON.stringify(op)).length;
    if (group.length > 0 && (group.length === mostOps || bytes + size > mostBytes)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(op);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
