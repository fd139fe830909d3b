/*
 * Order keys between any two others, as text that sorts by itself (0-9 A-Z a-z), of at most 64 characters. A key is a whole number whose
 * first character tells its length (a: one digit, b: two … Z: one digit below zero, Y: two …), then a fraction: so that thousands of things
 * put on top, one after the other, have short keys, and only putting again and again into one and the same gap makes them longer. The
 * idea is David Greenspan's ("Implementing Fractional Indexing", 2020).
 */

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const mostCharacters = 64;

/**
 * A key above `below` and below `above`; null: no limit on that side. When there is no room left for one of 64 characters, it answers `below`
 * (or `above`) itself: equal keys are ordered by id, and a key never grows beyond what is accepted. Takes any text of digits.
 */
export function zBetween(below: string | null, above: string | null): string {
  if (below !== null && above !== null && below >= above) return below;
  const key = between(below, above);
  const fits = key !== undefined && key.length <= mostCharacters && (below === null || key > below) && (above === null || key < above);
  return fits ? key : (below ?? above ?? 'a0');
}

/** So many keys in order between two, spread evenly where both are given. */
export function zSeries(below: string | null, above: string | null, count: number): string[] {
  if (count <= 0) return [];
  if (above === null || below === null) {
    const keys: string[] = [];
    for (let i = 0; i < count; i += 1) keys.push(above === null ? zBetween(keys.at(-1) ?? below, null) : zBetween(null, keys.at(-1) ?? above));
    return above === null ? keys : keys.reverse();
  }
  const middle = zBetween(below, above);
  const left = (count - 1) >> 1;
  return [...zSeries(below, middle, left), middle, ...zSeries(middle, above, count - 1 - left)];
}

function between(below: string | null, above: string | null): string | undefined {
  if (below === null && above === null) return 'a0';
  const low = below === null ? undefined : wholeOf(below);
  const high = above === null ? undefined : wholeOf(above);
  // Text that is no key of this scheme (clients may send any) is taken as a fraction altogether.
  if ((below !== null && low === undefined) || (above !== null && high === undefined)) return midpoint(below ?? '', above);
  if (low === undefined) return high === undefined ? undefined : (above !== null && above > high ? high : stepped(high, -1) ?? midpoint('', above));
  if (below === null) return undefined;
  if (high === undefined || above === null) return stepped(low, 1) ?? low + midpoint(below.slice(low.length), null);
  if (low === high) return low + midpoint(below.slice(low.length), above.slice(high.length));
  const next = stepped(low, 1);
  return next !== undefined && next < above ? next : low + midpoint(below.slice(low.length), null);
}

/** The whole number at the head of a key; undefined when it has none. */
function wholeOf(key: string): string | undefined {
  const head = key.charCodeAt(0);
  const length = head >= 97 && head <= 122 ? head - 97 + 2 : head >= 65 && head <= 90 ? 90 - head + 2 : 0;
  return length > 0 && key.length >= length ? key.slice(0, length) : undefined;
}

/** One more or one less; undefined at either end of what can be written. */
function stepped(whole: string, by: 1 | -1): string | undefined {
  const over = by === 1 ? 'z' : '0';
  const fresh = by === 1 ? '0' : 'z';
  let at = whole.length - 1;
  while (at > 0 && whole[at] === over) at -= 1;
  if (at > 0) return whole.slice(0, at) + (digits[digits.indexOf(whole[at] ?? '') + by] ?? '') + fresh.repeat(whole.length - 1 - at);
  // The next length: … Zz → a0 …, and back.
  const head = whole.charCodeAt(0);
  if (by === 1) return head === 90 ? 'a0' : head === 122 ? undefined : String.fromCharCode(head + 1) + '0'.repeat(head >= 97 ? whole.length : whole.length - 2);
  return head === 97 ? 'Zz' : head === 65 ? undefined : String.fromCharCode(head - 1) + 'z'.repeat(head <= 90 ? whole.length : whole.length - 2);
}

/** A fraction strictly between two, each the digits behind a point; null: 1. Does not end in 0, unless there is nothing between. */
function midpoint(low: string, high: string | null): string {
  let prefix = '';
  for (let i = 0; ; i += 1) {
    const a = i < low.length ? digits.indexOf(low[i] ?? '') : 0;
    const b = high === null ? digits.length : i < high.length ? digits.indexOf(high[i] ?? '') : 0;
    if (a === b) {
      prefix += digits[a] ?? '';
      if (i > mostCharacters) return prefix;
      continue;
    }
    const middle = (a + b) >> 1;
    if (middle > a) return prefix + (digits[middle] ?? '');
    // Neighbouring digits: keep the lower, and go on above the rest of `low`.
    return prefix + (digits[a] ?? '') + midpoint(low.slice(i + 1), null);
  }
}
