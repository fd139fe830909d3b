import { mostBytesOfGroup } from './limits.ts';
import type { Op } from './ops.ts';

/** UTF-8 bytes of a group's ops as JSON: exact where it matters, near and above the limit of a group; below it, at most so many. */
export function bytesOf(ops: readonly Op[]): number {
  const most = mostBytesOf(ops);
  if (most <= mostBytesOfGroup) return most;
  const { length } = JSON.stringify(ops);
  return length * 3 <= mostBytesOfGroup || length > mostBytesOfGroup ? length : utf8Length(JSON.stringify(ops));
}

/** What it cannot be more than: to write out every group only to see that it is small would cost as much as all the rest of deciding it. */
function mostBytesOf(value: unknown): number {
  if (typeof value === 'string') return 6 * value.length + 2; // \u001f
  if (typeof value !== 'object' || value === null) return 25; // -1.7976931348623157e+308
  let sum = 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) sum += mostBytesOf(value[i]) + 1;
    return sum;
  }
  for (const name in value) sum += 6 * name.length + 4 + mostBytesOf((value as Record<string, unknown>)[name]);
  return sum;
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    // Two units of a pair are four bytes together.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
