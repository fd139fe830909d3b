/**
 * Reads up to `depth` items ahead of the consumer, so that reading and decoding overlap with writing. The source must end
 * when its own signal is aborted: abort it before leaving the loop, or `return` waits for the read in flight.
 */
export async function* prefetch<T>(source: AsyncIterable<T>, depth: number): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const ahead: Promise<IteratorResult<T>>[] = [];
  const pull = () => {
    const next = iterator.next();
    next.catch(() => undefined); // whoever awaits it sees the failure; until then it must not count as unhandled
    ahead.push(next);
  };
  try {
    for (let i = 0; i <= depth; i += 1) pull();
    for (;;) {
      const next = await ahead.shift();
      if (!next || next.done === true) return;
      pull();
      yield next.value;
    }
  } finally {
    await Promise.allSettled(ahead);
    await iterator.return?.();
  }
}
