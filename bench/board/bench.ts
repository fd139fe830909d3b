import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Verdict } from '../report.ts';
import type { Contestant, RunningServer } from './contestant.ts';

/** What every section gets. */
export type Bench = {
  contestants: readonly Contestant[];
  /** Rounds, and seconds of a round after its warm-up. */
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  isQuick: boolean;
};

export type Section = (bench: Bench) => Promise<Verdict[]>;

let count = 0;

/** On the disk that also holds ./data: tmpfs would flatter by 10 to 100 times. */
export async function onDisk<Result>(name: string, run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = path.resolve(import.meta.dirname, '../../data', `bench-board-${process.pid}-${(count += 1)}-${name.replace(/\W/g, '')}`);
  await mkdir(folder, { recursive: true });
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A server of this contestant on new data, for as long as `run` takes. */
export const withServer = <Result>(contestant: Contestant, run: (server: RunningServer, folder: string) => Promise<Result>): Promise<Result> =>
  onDisk(contestant.name, async (folder) => {
    const server = await contestant.start(folder);
    try {
      return await run(server, folder);
    } finally {
      await server.stop();
    }
  });

/** Text after the mark, so that an op has about 200 bytes whatever the wire format. */
export const padding = 100;

export const isOurs = ({ name }: Contestant): boolean => name === 'Lectern';
