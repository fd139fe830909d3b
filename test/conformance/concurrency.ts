import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { EventToAppend } from '../../src/ports/eventStore.ts';
import { allOf, appended, expectRising, follow, idsOf, newEvent, newStream, type Bench } from './support.ts';

const writerProcess = fileURLToPath(new URL('writerProcess.ts', import.meta.url));

type Acknowledged = { position: string; ids: string[] };

function startWriters(args: readonly string[], acknowledged: (append: Acknowledged) => void): Promise<void> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', writerProcess, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => acknowledged(JSON.parse(line) as Acknowledged));
  return new Promise((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`writer ended with ${code}: ${errors}`))));
  });
}

export function describeConcurrency({ log, store }: Bench): void {
  describe('under eight writers in two processes', () => {
    it('shows readers an order without gaps: whatever is acknowledged is there, and nothing ever appears behind a reader', async () => {
      const after = await store().head();
      const subscriber = follow(store(), { after, maxBatch: 50 });
      const acknowledged: Acknowledged[] = [];
      let writing = true;
      // A reader that pages on and on from where it was: what appears behind it, it never sees.
      const paged: string[] = [];
      const paging = (async () => {
        let position = after;
        for (let last = false; !last; ) {
          last = !writing;
          for await (const page of store().readAll({ after: position, pageSize: 20 })) {
            paged.push(...idsOf(page));
            position = page.at(-1)!.position;
          }
        }
      })();
      const shared = newStream('shared');
      const args = [log().storeModule, log().url, '4', '60', shared];
      try {
        await Promise.all([startWriters(args, (one) => acknowledged.push(one)), startWriters(args, (one) => acknowledged.push(one))]);
      } finally {
        writing = false;
        await paging;
      }
      const ids = acknowledged.flatMap((one) => one.ids);
      await subscriber.sees(ids);
      await subscriber.stop();

      const all = await allOf(store().readAll({ after }));
      expectRising(all);
      expect(idsOf(subscriber.events)).toEqual(idsOf(all));
      expect(paged).toEqual(idsOf(all));
      expect([...ids].sort()).toEqual(idsOf(all).sort());
      const positions = new Map(all.map(({ id, position }) => [id, position]));
      for (const { position, ids: [...own] } of acknowledged) expect(positions.get(own.at(-1)!)).toBe(position);
      const inShared = await store().readStream(shared);
      expect(inShared.map(({ revision }) => revision)).toEqual(inShared.map((_, i) => i));
    }, 120_000);
  });

  describe('any interleaving', () => {
    type Step = { stream: number; count: number; expected: 'right' | 'stale' | 'ahead'; repeat: boolean };
    const steps = fc.array(fc.record<Step>({
      stream: fc.nat(2), count: fc.integer({ min: 1, max: 3 }), expected: fc.constantFrom('right', 'right', 'right', 'stale', 'ahead'), repeat: fc.boolean(),
    }), { minLength: 1, maxLength: 25 });

    it('of appends over a few streams leaves what a model of them says', async () => {
      await fc.assert(fc.asyncProperty(steps, fc.boolean(), async (script, together) => {
        const names = [newStream(), newStream(), newStream()];
        const model: EventToAppend[][] = [[], [], []];
        const before = await store().head();
        const run = async (mine: Step[]) => {
          for (const { stream, count, expected, repeat } of mine) {
            const events = Array.from({ length: count }, () => newEvent());
            const current = model[stream]!.length - 1;
            const revision = expected === 'right' ? current : expected === 'ahead' ? current + 5 : current - 1;
            if (revision < -1) continue;
            const expectedRevision = revision < 0 ? ('noStream' as const) : revision;
            const outcome = await store().append(names[stream]!, events, { expectedRevision });
            if (expected === 'right') {
              expect(outcome).toMatchObject({ outcome: 'appended', revision: current + count });
              model[stream]!.push(...events);
              if (repeat) expect(await store().append(names[stream]!, events, { expectedRevision })).toEqual(outcome);
            } else {
              expect(outcome).toEqual({ outcome: 'conflict', actualRevision: current < 0 ? 'noStream' : current });
            }
          }
        };
        // Each stream has one writer; they run one after the other, or at the same time.
        if (together) await Promise.all([0, 1, 2].map((stream) => run(script.filter((step) => step.stream === stream))));
        else await run(script);
        for (const [i, name] of names.entries()) {
          const read = await store().readStream(name);
          expect(idsOf(read)).toEqual(idsOf(model[i]!));
          expect(read.map(({ revision }) => revision)).toEqual(read.map((_, n) => n));
        }
        const all = await allOf(store().readAll({ after: before }));
        expectRising(all);
        expect(idsOf(all).sort()).toEqual(idsOf(model.flat()).sort());
        if (!together && all.length > 0) expect(all.at(-1)!.position).toBe(await store().head());
      }), { numRuns: 30 });
    }, 120_000);

    it('keeps the ids of one writer in the order in which it wrote', async () => {
      const stream = newStream();
      const ids: string[] = [];
      for (let i = 0; i < 10; i += 1) {
        const events = [newEvent(), newEvent()];
        ids.push(...idsOf(events));
        await appended(store(), stream, events, i === 0 ? 'noStream' : i * 2 - 1);
      }
      expect(idsOf(await store().readStream(stream))).toEqual(ids);
    });
  });
}
