import { bareBatchedInsert, bareSingleInsert, undescribedSingleInsert } from './contestants/bareInsert.ts';
import { emmett } from './contestants/emmett.ts';
import { lectern } from './contestants/lectern.ts';
import { compare, type Contestant } from './load.ts';
import { printTable, type Verdict } from './report.ts';
import type { BenchServer } from './server.ts';

/** Acknowledged appends with revision check, one event each, one stream per writer, against the peer and the physical limit. */
export async function benchAppends(server: BenchServer, { rounds, ms }: { rounds: number; ms: number }): Promise<Verdict[]> {
  const url = await server.database();
  const contestants = [lectern(url), await bareBatchedInsert(url), await emmett(await server.database())];
  const verdicts: Verdict[] = [];
  for (const writers of [1, 16, 64, 256]) {
    const comparison = await compare(contestants, writers, { rounds, ms });
    printTable(`appends, ${writers} concurrent stream${writers > 1 ? 's' : ''}`, comparison.results, 'bare batched INSERT', comparison.ratio);
    if (writers === 64) {
      verdicts.push(
        { what: 'appends at 64 streams ÷ Emmett', ratio: comparison.ratio('Lectern', 'Emmett'), bar: 10, atMost: false },
        { what: 'appends at 64 streams ÷ bare batched INSERT', ratio: comparison.ratio('Lectern', 'bare batched INSERT'), bar: 0.8, atMost: false },
      );
    }
  }
  await closeAll(contestants);
  return verdicts;
}

/** One append at a time on a log at rest, against one bare INSERT and its commit. */
export async function benchIdle(server: BenchServer, { rounds, ms }: { rounds: number; ms: number }): Promise<Verdict[]> {
  const url = await server.database();
  const contestants = [lectern(url), await bareSingleInsert(url), await undescribedSingleInsert(url)];
  const comparison = await compare(contestants, 1, { rounds, ms });
  printTable('idle append: one at a time', comparison.results, 'bare single-row INSERT', comparison.ratio);
  await closeAll(contestants);
  return [{ what: 'idle append ÷ one bare INSERT commit (p50)', ratio: comparison.ratio('Lectern', 'bare single-row INSERT', 'p50'), bar: 1.2, atMost: true }];
}

async function closeAll(contestants: readonly Contestant[]): Promise<void> {
  for (const contestant of contestants) await contestant.close();
}
