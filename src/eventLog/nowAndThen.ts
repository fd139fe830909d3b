/** Writes something down now and then instead of each time it changes: `everyMs` after it was due at the latest, never twice at once. */
export type NowAndThen = {
  /** There is something to write. Cheap: call it as often as you like. */
  soon(): void;
  /** Writes what is due; resolves when nothing is under way. */
  now(): Promise<void>;
  /** Waits for a write that is under way, and begins none before the next `soon()`: what is due stays due. */
  pause(): Promise<void>;
};

/** @param write must not throw: nobody would be there to hear it */
export function createNowAndThen(everyMs: number, write: () => Promise<void>): NowAndThen {
  let dueAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const disarm = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const begin = (): Promise<void> => {
    disarm();
    dueAt = undefined;
    writing = writing.then(write);
    return writing;
  };
  return {
    soon() {
      dueAt ??= performance.now() + everyMs;
      timer ??= setTimeout(() => void begin(), Math.max(0, dueAt - performance.now())).unref();
    },
    now: () => (dueAt === undefined ? writing : begin()),
    pause() {
      disarm();
      return writing;
    },
  };
}
