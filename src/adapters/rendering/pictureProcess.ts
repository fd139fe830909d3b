import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Answered, Asked, PictureJob, PictureJobs } from './pictureJobs.ts';

/**
 * Why a picture did not come about. `refused`: it is not what it should be, or ended the process. `tooMuch`: it asks for too much.
 * `busy`: too many wait. `tooSlow`: it was given up. `closed`: the server stops.
 */
export class PictureFailed extends Error {
  override readonly name = 'PictureFailed';
  readonly why: 'refused' | 'tooMuch' | 'busy' | 'tooSlow' | 'closed';
  constructor(why: PictureFailed['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/** Pictures are decoded and drawn in a process of their own: begun when there is one to do, ended when there was none for a while. */
export type PictureProcess = {
  /** @throws PictureFailed */
  run<Kind extends PictureJob>(kind: Kind, input: PictureJobs[Kind]['input']): Promise<PictureJobs[Kind]['output']>;
  close(): Promise<void>;
};

export type PictureProcessOptions = {
  /** Jobs that may wait, the one in work included. Default 16. */
  most?: number;
  /** For one job, at a low priority. Default 60 s. */
  deadlineMs?: number;
  /** Default 30 s. */
  idleMs?: number;
};

type Waiting = { asked: Asked; resolve(output: never): void; reject(error: PictureFailed): void };

/**
 * Its state: no child; a child that works on the first of `queue`; an idle child, which ends after a while. One job at a time, at a low
 * priority: on a machine with one core, lessons go before pictures. A child that dies, or is killed for being too slow, takes with it only the job it had.
 */
export function createPictureProcess({ most = 16, deadlineMs = 60_000, idleMs = 30_000 }: PictureProcessOptions = {}): PictureProcess {
  const queue: Waiting[] = [];
  let child: ChildProcess | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;
  let jobs = 0;

  function begin(): ChildProcess {
    const made = fork(fileURLToPath(new URL('./pictureChild.ts', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=256', '--max-semi-space-size=4'],
      // Nothing of ours: what decodes a stranger's file shall find no secret. Two arenas, or glibc keeps what each thread once needed.
      env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    if (made.pid !== undefined) {
      try {
        setPriority(made.pid, constants.priority.PRIORITY_BELOW_NORMAL);
      } catch {
        // Where that is not allowed, it is as important as everything else.
      }
    }
    made.on('message', (answer: Answered) => heard(made, answer));
    made.once('exit', (_, signal) => ended(made, signal));
    made.once('error', () => ended(made, null));
    return made;
  }

  function heard(from: ChildProcess, answer: Answered): void {
    if (from !== child || queue[0]?.asked.id !== answer.id) return;
    const done = takeFirst();
    if (answer.ok) done?.resolve(answer.output as never);
    else done?.reject(new PictureFailed(answer.why, answer.message));
    next();
  }

  function ended(which: ChildProcess, signal: NodeJS.Signals | null): void {
    if (which !== child) return;
    child = undefined;
    takeFirst()?.reject(new PictureFailed('refused', `the picture process ended${signal ? ` by ${signal}` : ''}`));
    next();
  }

  function takeFirst(): Waiting | undefined {
    clearTimeout(deadline);
    return queue.shift();
  }

  /** Sends the first job of the queue, or lets the child rest. */
  function next(): void {
    const [first] = queue;
    clearTimeout(idle);
    if (!first) {
      idle = setTimeout(rest, idleMs).unref();
      child?.unref();
      child?.channel?.unref();
      return;
    }
    child ??= begin();
    child.ref();
    child.channel?.ref();
    const worker = child;
    deadline = setTimeout(() => {
      child = undefined;
      worker.kill('SIGKILL');
      takeFirst()?.reject(new PictureFailed('tooSlow', `a picture was not ready after ${deadlineMs} ms`));
      next();
    }, deadlineMs);
    worker.send(first.asked, (error) => { if (error) ended(worker, null); });
  }

  function rest(): void {
    const resting = child;
    child = undefined;
    if (resting?.connected) resting.disconnect();
  }

  return {
    run: (kind, input) => new Promise((resolve, reject) => {
      if (closed) return reject(new PictureFailed('closed', 'the server stops'));
      if (queue.length >= most) return reject(new PictureFailed('busy', 'too many pictures wait'));
      queue.push({ asked: { id: (jobs += 1), kind, input } as Asked, resolve, reject });
      if (queue.length === 1) next();
    }),
    async close() {
      closed = true;
      clearTimeout(idle);
      clearTimeout(deadline);
      for (const { reject } of queue.splice(0)) reject(new PictureFailed('closed', 'the server stops'));
      const last = child;
      child = undefined;
      if (!last || last.exitCode !== null || last.signalCode !== null) return;
      const gone = once(last, 'exit');
      last.ref();
      last.kill('SIGKILL');
      await gone;
    },
  };
}
