/**
 * Groups that were written and are in no kept board yet: JSON, a line for each batch. As bytes, in memory that is used again and again: as
 * texts they would be half of all that a busy process holds for a while, and each of them brings the next marking of its heap nearer.
 */
export type GroupTail = {
  /** @param groups JSON of each, with commas between. @returns its bytes */
  push(groups: string): number;
  /** Where the next one will stand; places count from the first one pushed. */
  end(): number;
  /** A copy of all lines that are left, of its own memory. */
  copy(): Uint8Array<ArrayBuffer>;
  /** Forgets what stands before a place. */
  dropTo(place: number): void;
};

const first = 16 * 1024;
/** Empty, it keeps so much for what comes next: a busy room's from one kept board to the next. */
const mostKept = 512 * 1024;
const lineBreak = 10;

export function createGroupTail(): GroupTail {
  let memory: Buffer = Buffer.alloc(0);
  let used = 0;
  /** The place of the first byte that is left. */
  let begin = 0;

  const reserve = (bytes: number): void => {
    if (used + bytes <= memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(first, memory.length * 2, used + bytes));
    memory.copy(larger, 0, 0, used);
    memory = larger;
  };

  return {
    push(groups) {
      const bytes = Buffer.byteLength(groups) + 1;
      reserve(bytes);
      memory.write(groups, used, 'utf8');
      used += bytes;
      memory[used - 1] = lineBreak;
      return bytes;
    },
    end: () => begin + used,
    copy: () => new Uint8Array(memory.subarray(0, used)),
    dropTo(place) {
      const dropped = Math.min(place - begin, used);
      if (dropped <= 0) return;
      memory.copyWithin(0, dropped, used);
      begin += dropped;
      used -= dropped;
      if (used === 0 && memory.length > mostKept) memory = Buffer.alloc(0);
    },
  };
}

/** The same form, of groups that were read. */
export const asLines = (groups: readonly string[]): Uint8Array<ArrayBuffer> => new TextEncoder().encode(groups.map((group) => `${group}\n`).join(''));
