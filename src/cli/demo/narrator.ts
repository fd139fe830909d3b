export type Narrator = {
  /** Begins a scene. */
  scene(title: string): void;
  /** What was done or seen. */
  say(text: string): void;
  /** Holds or does not; the demo goes on either way. */
  check(what: string, holds: boolean, seen?: unknown): void;
  /** Asks until the answer is as wished; undefined (and a failed check) when that does not happen in time. */
  until<T>(what: string, ask: () => Promise<T>, wished: (answer: T) => boolean, seconds?: number): Promise<T | undefined>;
  failed(): readonly string[];
  held(): number;
};

export const createNarrator = (write: (line: string) => void): Narrator => {
  const began = performance.now();
  const failures: string[] = [];
  let held = 0;
  const check: Narrator['check'] = (what, holds, seen) => {
    if (holds) held++;
    else failures.push(what);
    write(`   ${holds ? '✓' : '✗'} ${what}${holds || seen === undefined ? '' : `   saw: ${JSON.stringify(seen)}`}`);
  };
  return {
    scene: (title) => write(`\n[${((performance.now() - began) / 1_000).toFixed(1).padStart(5)} s] ${title}`),
    say: (text) => write(`     ${text}`),
    check,
    async until(what, ask, wished, seconds = 20) {
      const deadline = performance.now() + seconds * 1_000;
      for (;;) {
        const answer = await ask();
        if (wished(answer)) {
          check(what, true);
          return answer;
        }
        if (performance.now() > deadline) {
          check(what, false, answer);
          return undefined;
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    failed: () => failures,
    held: () => held,
  };
};
