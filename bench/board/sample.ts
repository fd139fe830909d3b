/** Numbers, many: kept in the order they came, ranked when asked. */
export type Sample = {
  add(value: number): void;
  count(): number;
  /** @param share 0 to 1 */
  at(share: number): number;
  /** Those from the n-th on, in the order they came. */
  since(nth: number): Float64Array;
};

export function createSample(): Sample {
  let values = new Float64Array(4_096);
  let count = 0;
  let sorted: Float64Array | undefined;
  return {
    add(value) {
      if (count === values.length) {
        const larger = new Float64Array(count * 2);
        larger.set(values);
        values = larger;
      }
      values[count] = value;
      count += 1;
      sorted = undefined;
    },
    count: () => count,
    at(share) {
      sorted ??= values.slice(0, count).sort();
      return sorted[Math.min(count - 1, Math.floor(count * share))] ?? NaN;
    },
    since: (nth) => values.subarray(nth, count),
  };
}
