/** Wakes a loop that sleeps. A knock while nobody sleeps is kept for the next sleep. */
export type Knock = {
  knock(): void;
  /** Resolves at the next knock, or after `ms`. One sleeper at a time. */
  heardWithin(ms: number): Promise<void>;
};

export function createKnock(): Knock {
  let heard = false;
  let wake: (() => void) | undefined;
  return {
    knock() {
      heard = true;
      wake?.();
    },
    async heardWithin(ms) {
      if (!heard) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      heard = false;
    },
  };
}
