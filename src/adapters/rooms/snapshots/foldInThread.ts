import { Worker } from 'node:worker_threads';
import { threadOptions } from '../../../ports/threads.ts';
import type { BoardFolder, KeptBoard, SnapshotFacts } from '../../../ports/boardSnapshots.ts';

/** What goes to the thread, and what comes back. Groups are handed over, kept boards copied: they are compressed, a megabyte or two at most. */
export type ToThread =
  | { kind: 'fold'; job: number; roomId: string; from: number; groups: Uint8Array<ArrayBuffer>; restored: ReadonlyMap<string, Uint8Array> }
  | { kind: 'base'; job: number; doc: Uint8Array | undefined; memory: Uint8Array | undefined };
export type FromThread =
  | { kind: 'needsBase'; job: number }
  | { kind: 'folded'; job: number; facts: SnapshotFacts; doc: Uint8Array; memory: Uint8Array }
  | { kind: 'failed'; job: number; message: string };

type Job = { base(): Promise<KeptBoard | undefined>; resolve(result: { facts: SnapshotFacts; board: KeptBoard }): void; reject(error: Error): void };

/**
 * One thread for all rooms of a process, begun when it is first needed, and again after it died (out of memory). It keeps the boards it
 * folded last, so that a room that draws hands over its new groups and nothing else.
 */
export function createBoardFolder({ memoryMb = 512 }: { memoryMb?: number } = {}): BoardFolder {
  const jobs = new Map<number, Job>();
  let next = 0;
  let worker: Worker | undefined;
  let closed = false;

  const end = (died: Worker, why: string): void => {
    if (worker === died) worker = undefined;
    const left = [...jobs.values()];
    jobs.clear();
    for (const { reject } of left) reject(new Error(`the thread that folds boards ended: ${why}`));
  };

  const answer = (to: Worker, message: FromThread): void => {
    const job = jobs.get(message.job);
    if (!job) return;
    switch (message.kind) {
      case 'needsBase':
        void job.base().then(
          (base) => to.postMessage({ kind: 'base', job: message.job, doc: base?.doc, memory: base?.memory } satisfies ToThread),
          (error: unknown) => {
            to.postMessage({ kind: 'base', job: message.job, doc: undefined, memory: undefined } satisfies ToThread);
            jobs.delete(message.job);
            job.reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
        return;
      case 'folded':
        jobs.delete(message.job);
        job.resolve({ facts: message.facts, board: { doc: Buffer.from(message.doc.buffer), memory: Buffer.from(message.memory.buffer) } });
        break;
      case 'failed':
        jobs.delete(message.job);
        job.reject(new Error(message.message));
        break;
    }
    if (jobs.size === 0) to.unref();
  };

  const begin = (): Worker => {
    const made = new Worker(new URL('./foldThread.ts', import.meta.url), threadOptions(memoryMb));
    made.on('message', (message: FromThread) => answer(made, message));
    made.on('error', (error: unknown) => end(made, error instanceof Error ? error.message : String(error)));
    made.on('exit', (code) => end(made, `exit ${code}`));
    return made;
  };

  return {
    fold: ({ roomId, from, base, groups, restored }) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the thread that folds boards was closed'));
        worker ??= begin();
        worker.ref();
        const job = (next += 1);
        jobs.set(job, { base, resolve, reject });
        worker.postMessage({ kind: 'fold', job, roomId, from, groups, restored } satisfies ToThread, [groups.buffer]);
      }),
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}
