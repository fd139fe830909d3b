import pg from 'pg';
import { lectern } from './contestants/lectern.ts';
import { openBenchGroup } from './http/group.ts';
import { compare, median, type Contestant } from './load.ts';
import { print, printTable, type Verdict } from './report.ts';
import type { BenchServer } from './server.ts';

const long = 10_000;

/** The same appends on an empty log and on one that holds `size` events; the same command on a short stream and on one of 10,000 events. */
export async function benchGrowth(server: BenchServer, { rounds, ms, size }: { rounds: number; ms: number; size: number }): Promise<Verdict[]> {
  const [emptyUrl, fullUrl] = [await server.database(), await server.database()];
  await fill(fullUrl, size);
  const names = { empty: 'empty log', full: `${size.toLocaleString('en')} events` };
  const contestants = [lectern(emptyUrl, names.empty), lectern(fullUrl, names.full)];
  const verdicts: Verdict[] = [];
  for (const writers of [1, 64]) {
    const comparison = await compare(contestants, writers, { rounds, ms });
    printTable(`growth of the log: appends, ${writers} concurrent stream${writers > 1 ? 's' : ''}`, comparison.results, names.empty, comparison.ratio);
    verdicts.push({ what: `growth: appends at ${writers}, empty log ÷ ${names.full}`, ratio: comparison.ratio(names.empty, names.full), bar: 1.3, atMost: true });
  }
  for (const contestant of contestants) await contestant.close();

  const coldMs = median(await times(5, () => coldCommand(fullUrl)));
  print(`\nfirst command on a stream of ${long.toLocaleString('en')} events, nothing cached: ${coldMs.toFixed(0)} ms`);
  const groups = [await warmGroup(fullUrl, 'short'), await warmGroup(fullUrl, 'long')];
  const comparison = await compare(groups, 1, { rounds, ms });
  printTable('growth of a stream: a command, one at a time, warm', comparison.results, 'short stream', comparison.ratio);
  for (const group of groups) await group.close();
  return [
    ...verdicts,
    { what: 'growth: cold fold of 10,000 events and one append, in 300 ms', ratio: coldMs / 300, bar: 1, atMost: true },
    { what: 'growth: command on a short stream ÷ on one of 10,000 events', ratio: comparison.ratio('short stream', 'long stream'), bar: 1.3, atMost: true },
  ];
}

/** Through pipeline and codec; a new name each time, so that each is an event. */
async function warmGroup(url: string, which: 'short' | 'long'): Promise<Contestant> {
  const group = await openBenchGroup(url, { create: false });
  const rename = async () => {
    const commandId = crypto.randomUUID();
    await group.rename(which, `name ${commandId}`, { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'bench', role: 'admin' } });
  };
  await rename();
  return { name: `${which} stream`, append: rename, close: group.close };
}

async function coldCommand(url: string): Promise<number> {
  const group = await openBenchGroup(url, { create: false });
  const commandId = crypto.randomUUID();
  const began = performance.now();
  await group.rename('long', `name ${commandId}`, { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'bench', role: 'admin' } });
  const took = performance.now() - began;
  await group.close();
  return took;
}

async function times(count: number, measure: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n += 1) all.push(await measure());
  return all;
}

/** Straight into the table: how the events came there is not what is measured. Streams of five events, and the two groups. */
async function fill(url: string, size: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const metadata = `'{"commandId":"8f14e45f-ceea-467f-a0e5-1f7c6a1f0c11","correlationId":"c","causationId":"c","actor":{"id":"manager-1","role":"manager"},"occurredAt":"2026-11-20T22:34:00.000Z"}'`;
  await client.query(`
    insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
    select n, 'lesson-' || md5(((n - 1) / 5)::text), (n - 1) % 5, gen_random_uuid(), 'LessonScheduled', 1,
      '{"title":"English B2, second hour","teacherId":"teacher-0017","localStart":"2026-11-23T18:00","zone":"Europe/Berlin","minutes":60}', ${metadata}
    from generate_series(1, ${size}) n`);
  let at = size;
  for (const [group, events] of [['short', 1], ['long', long]] as const) {
    await client.query(`
      insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
      select ${at} + n, 'group-${group}', n - 1, gen_random_uuid(), case n when 1 then 'GroupCreated' else 'GroupRenamed' end, 1,
        json_build_object('groupId', '${group}', 'name', 'name ' || n), ${metadata}
      from generate_series(1, ${events}) n`);
    at += events;
  }
  await client.query('vacuum analyze lectern.events');
  await client.query('checkpoint');
  await client.end();
}
