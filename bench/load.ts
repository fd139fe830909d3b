/** Something that stores one event at the end of a stream, checked or not, and resolves when it is durable. */
export type Contestant = {
  name: string;
  /** @param nth from 0: how many this stream has had before. */
  append(stream: string, nth: number): Promise<void>;
  close(): Promise<void>;
};

export type Measured = { perSecond: number; p50: number; p99: number };

/** `writers` loops, each on a stream of its own, each waiting for its answer before it goes on. Latencies in milliseconds. */
export async function measure(contestant: Contestant, writers: number, ms: number, prefix: string): Promise<Measured> {
  const latencies: number[] = [];
  const began = performance.now();
  const end = began + ms;
  await Promise.all(Array.from({ length: writers }, async (_, writer) => {
    const stream = `${prefix}-${writer}`;
    for (let nth = 0; performance.now() < end; nth += 1) {
      const start = performance.now();
      await contestant.append(stream, nth);
      latencies.push(performance.now() - start);
    }
  }));
  const seconds = (performance.now() - began) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? NaN;
  return { perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}

export type Comparison = {
  results: Map<string, Measured>;
  /** Median of the rounds' own ratios: what slowed one round slowed both. */
  ratio(name: string, against: string, figure?: keyof Measured): number;
};

/** Short rounds in turns, so that what else the machine does meets all alike. Medians of each figure. */
export async function compare(contestants: readonly Contestant[], writers: number, { rounds, ms }: { rounds: number; ms: number }): Promise<Comparison> {
  const all = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const contestant of contestants) {
      // Round -1 warms up and is not counted.
      const measured = await measure(contestant, writers, ms, `bench${Date.now().toString(36)}-${round + 1}`);
      if (round >= 0) all.get(contestant.name)?.push(measured);
    }
  }
  return summarise(all);
}

/** Of the rounds of each contestant, in the same order. */
export function summarise(all: ReadonlyMap<string, Measured[]>): Comparison {
  const of = (name: string) => all.get(name) ?? [];
  return {
    results: new Map([...all].map(([name, results]) => [name, {
      perSecond: median(results.map((result) => result.perSecond)),
      p50: median(results.map((result) => result.p50)),
      p99: median(results.map((result) => result.p99)),
    }])),
    ratio: (name, against, figure = 'perSecond') => median(of(name).map((result, round) => ratioOf(result[figure], of(against)[round]?.[figure]))),
  };
}

/** NaN where there is nothing to compare with: a peer that failed must not make a bar met. */
export const ratioOf = (ours: number, theirs: number | undefined): number => (theirs !== undefined && theirs > 0 && Number.isFinite(theirs) ? ours / theirs : NaN);

/** NaN when one of them is. */
export function median(values: readonly number[]): number {
  if (values.some(Number.isNaN)) return NaN;
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
