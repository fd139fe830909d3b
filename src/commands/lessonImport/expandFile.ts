import { Worker } from 'node:worker_threads';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { threadOptions } from '../../ports/threads.ts';
import type { Expansion, ExpansionOutcome, ExpansionSettings } from './expansion.ts';

export type ExpansionLimits = {
  /** Default 15,000. */
  deadlineMs?: number;
  /** Heap of the thread. Default 256. */
  memoryMb?: number;
};

/**
 * Reads a file in a thread of its own, which is ended when it takes too long or too much memory: whatever the file holds, the server
 * goes on answering. @throws DomainError `importUnreadable` (no calendar in it), `importTooHeavy`
 */
export const expandFile = async (file: Uint8Array, settings: ExpansionSettings, limits: ExpansionLimits = {}): Promise<Expansion> => {
  const { deadlineMs = 15_000, memoryMb = 256 } = limits;
  // A copy: a small Buffer is a view into a pool that it shares with others.
  const worker = new Worker(new URL('./expandWorker.ts', import.meta.url), {
    workerData: { file: Uint8Array.from(file), settings },
    ...threadOptions(memoryMb),
  });
  try {
    const outcome = await new Promise<ExpansionOutcome>((resolve, reject) => {
      const timer = setTimeout(() => reject(tooHeavy(`It was not read within ${deadlineMs / 1000} s.`)), deadlineMs);
      const settle = (act: () => void) => {
        clearTimeout(timer);
        act();
      };
      worker.once('message', (message: ExpansionOutcome) => settle(() => resolve(message)));
      worker.once('error', (error: Error & { code?: string }) =>
        settle(() => reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooHeavy(`Reading it takes more than ${memoryMb} MB.`) : error)));
      worker.once('exit', (code) => settle(() => reject(tooHeavy(`Its reader ended (${code}).`))));
    });
    if (outcome.outcome === 'notACalendar') throw new DomainError('importUnreadable', outcome.detail);
    return outcome.expansion;
  } finally {
    await worker.terminate();
  }
};

const tooHeavy = (why: string): DomainError => new DomainError('importTooHeavy', `The file is too heavy to be read. ${why}`);
