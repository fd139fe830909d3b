/**
 * Revisions that streams are known to have reached (-1 = there was none yet). Others may have written since, and that does no
 * harm: a stream only grows and has no gaps, so an insert behind a revision that was once the last succeeds only if it still is
 * (unique (stream, revision)). Two generations bound the memory: what is asked for moves to the young one, and when that is
 * full, the old one goes.
 */
export type StreamHeads = {
  get(stream: string): number | undefined;
  set(stream: string, revision: number): void;
  forget(): void;
};

export function createStreamHeads(perGeneration = 20_000): StreamHeads {
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  const set = (stream: string, revision: number) => {
    young.set(stream, revision);
    if (young.size < perGeneration) return;
    old = young;
    young = new Map();
  };
  return {
    get(stream) {
      const known = young.get(stream);
      if (known !== undefined) return known;
      const before = old.get(stream);
      if (before !== undefined) set(stream, before);
      return before;
    },
    set,
    forget() {
      young = new Map();
      old = new Map();
    },
  };
}
