import type { Heard } from './contestant.ts';
import { scanMarks } from './marks.ts';
import { createSample, type Sample } from './sample.ts';

/** Who sent what and when it was due; who has heard of it. A delivery is counted once by (receiver, op); what comes back to its sender is no delivery. */
export type Tally = {
  /** Notes an op of this client, due at this moment (`performance.now()`). Only ops with `counts` enter the latencies; all are looked for. @returns its id */
  sent(client: number, due: number, receivers: number, counts: boolean): number;
  /** What this client hears. */
  ears(client: number): Heard;
  delivery: Sample;
  acknowledgement: Sample;
  acked: Set<number>;
  /** Ops that somebody else was shown. */
  shown: Set<number>;
  counts(): { sent: number; counted: number; expected: number; delivered: number; again: number };
  closed: { client: number; code: number; reason: string }[];
};

export function createTally(): Tally {
  const due: number[] = [];
  const owner: number[] = [];
  const counted: boolean[] = [];
  const acked = new Set<number>();
  const shown = new Set<number>();
  const delivery = createSample();
  const acknowledgement = createSample();
  const closed: Tally['closed'] = [];
  let expected = 0;
  let delivered = 0;
  let again = 0;
  let inMeasure = 0;
  return {
    delivery, acknowledgement, acked, shown, closed,
    sent(client, at, receivers, counts) {
      due.push(at);
      owner.push(client);
      counted.push(counts);
      expected += receivers;
      if (counts) inMeasure += 1;
      return due.length - 1;
    },
    ears(client) {
      const seen: boolean[] = [];
      return {
        data(frame, initial) {
          if (initial) return;
          const now = performance.now();
          scanMarks(frame, (id) => {
            const at = due[id];
            if (at === undefined || owner[id] === client) return;
            if (seen[id]) {
              again += 1;
              return;
            }
            seen[id] = true;
            shown.add(id);
            delivered += 1;
            if (counted[id]) delivery.add(now - at);
          });
        },
        acked(ids) {
          const now = performance.now();
          for (const id of ids) {
            acked.add(id);
            const at = due[id];
            if (at !== undefined && counted[id]) acknowledgement.add(now - at);
          }
        },
        closed: (code, reason) => void closed.push({ client, code, reason }),
      };
    },
    counts: () => ({ sent: due.length, counted: inMeasure, expected, delivered, again }),
  };
}
