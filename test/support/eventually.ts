/** Asks again and again until `fn` neither throws nor answers false or undefined; its last error, or what it answered, after the deadline. An error that `isFinal` is thrown at once. */
export async function eventually<T>(fn: () => T | Promise<T>, { timeoutMs = 10_000, everyMs = 20, isFinal }: { timeoutMs?: number; everyMs?: number; isFinal?: (error: unknown) => boolean } = {}): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await fn();
      if (answer !== false && answer !== undefined && answer !== null) return answer;
      last = new Error(`still ${String(answer)} after ${timeoutMs} ms`);
    } catch (error) {
      if (isFinal?.(error)) throw error;
      last = error;
    }
    if (Date.now() > deadline) throw last;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
