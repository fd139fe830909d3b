import type { Request } from './boardWriter.ts';

/** A room command, or anything else that must not run beside a batch. Never throws. */
export type Task = () => Promise<void>;

/** Everything that waits for its turn in a room, in order of arrival. Groups that follow each other make a batch; a task stands alone: the barrier. */
export type Queue = {
  group(request: Request): void;
  task(task: Task): void;
  /** The task that is next, if one is. */
  takeTask(): Task | undefined;
  /** Groups up to the next task, at least one if one is next. */
  takeGroups(most: number, mostBytes: number): Request[];
  /** Of groups that wait. */
  bytes(): number;
};

export function createQueue(): Queue {
  let items: (Request | Task)[] = [];
  let head = 0;
  let bytes = 0;

  const forget = () => {
    if (head === items.length) {
      items = [];
      head = 0;
    } else if (head > 1_024) {
      items = items.slice(head);
      head = 0;
    }
  };

  return {
    group(request) {
      items.push(request);
      bytes += request.bytes;
    },
    task: (task) => void items.push(task),
    takeTask() {
      const next = items[head];
      if (typeof next !== 'function') return undefined;
      head += 1;
      forget();
      return next;
    },
    takeGroups(most, mostBytes) {
      const taken: Request[] = [];
      let takenBytes = 0;
      while (taken.length < most) {
        const next = items[head];
        if (next === undefined || typeof next === 'function' || (taken.length > 0 && takenBytes + next.bytes > mostBytes)) break;
        taken.push(next);
        takenBytes += next.bytes;
        head += 1;
      }
      bytes -= takenBytes;
      forget();
      return taken;
    },
    bytes: () => bytes,
  };
}
