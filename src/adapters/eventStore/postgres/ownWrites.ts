/** A batch that this process wrote: the events behind `from`, up to `to`, and which types they are of. */
export type OwnWrite = { from: bigint; to: bigint; types: ReadonlySet<string> };

/**
 * The last stretch of the log that was written by this process alone, batch by batch without a gap. Over it a subscription to certain
 * types can tell without a query that nothing for it is there.
 */
export type OwnWrites = {
  add(write: OwnWrite): void;
  /** The end of the stretch, if it holds none of these types behind `seen` and `seen` lies at a seam of it; else undefined. */
  withoutAny(types: ReadonlySet<string>, seen: bigint): bigint | undefined;
};

/** A subscription that is further behind reads. */
const most = 64;

export function createOwnWrites(): OwnWrites {
  let stretch: OwnWrite[] = [];
  return {
    add(write) {
      if (stretch.at(-1)?.to !== write.from) stretch = [];
      else if (stretch.length >= most) stretch.shift();
      stretch.push(write);
    },
    withoutAny(types, seen) {
      const first = stretch.findLastIndex(({ from }) => from === seen);
      if (first < 0) return undefined;
      for (let i = first; i < stretch.length; i += 1) if (!stretch[i]?.types.isDisjointFrom(types)) return undefined;
      return stretch.at(-1)?.to;
    },
  };
}
