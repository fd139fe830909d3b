import { bareEventStoreDbClient, lecternOnEventStoreDb } from './contestants/eventStoreDb.ts';
import { compare } from './load.ts';
import { printTable, type Verdict } from './report.ts';

/** Acknowledged appends to the EventStoreDB at this URL, one event each, one stream per writer: ours beside the client's own. */
export async function benchEventStoreDb(url: string, { rounds, ms }: { rounds: number; ms: number }): Promise<Verdict[]> {
  const contestants = [lecternOnEventStoreDb(url), bareEventStoreDbClient(url)];
  const verdicts: Verdict[] = [];
  for (const writers of [1, 16, 64]) {
    const comparison = await compare(contestants, writers, { rounds, ms });
    printTable(`appends to EventStoreDB, ${writers} concurrent stream${writers > 1 ? 's' : ''}`, comparison.results, 'bare client', comparison.ratio);
    verdicts.push({ what: `EventStoreDB appends at ${writers} ÷ bare client`, ratio: comparison.ratio('Lectern', 'bare client'), bar: 0.9, atMost: false });
  }
  for (const contestant of contestants) await contestant.close();
  return verdicts;
}
