import { aggregate } from '../kernel/decider.ts';
import type { EventOf } from '../kernel/eventType.ts';
import { operationsEvents } from '../operations/events.ts';

/** Where our state and a vendor's differ: stream `drift-<vendor>`. Only what is open is kept in mind. */
export type Drift = { open: ReadonlySet<string> };
export type DriftCommand =
  | { type: 'detect'; vendor: string; findingId: string; kind: 'missingAtVendor' | 'unknownAtVendor' | 'differs'; subject: string; detail: string }
  | { type: 'repaired'; vendor: string; findingId: string; action: string };

const driftEvents = { DriftDetected: operationsEvents.DriftDetected, DriftRepaired: operationsEvents.DriftRepaired };
type DriftEvent = EventOf<typeof driftEvents>;

function evolve({ open }: Drift, event: DriftEvent): Drift {
  const next = new Set(open);
  if (event.type === 'DriftDetected') next.add(event.data.findingId);
  else next.delete(event.data.findingId);
  return { open: next };
}

/** A finding that is open is not found again, and only an open one is repaired. */
function decide(command: DriftCommand, { open }: Drift): DriftEvent[] {
  if (command.type === 'detect') {
    const { type: _, ...data } = command;
    return open.has(data.findingId) ? [] : [{ type: 'DriftDetected', data }];
  }
  const { type: _, ...data } = command;
  return open.has(data.findingId) ? [{ type: 'DriftRepaired', data }] : [];
}

export const drift = aggregate<Drift, DriftCommand, typeof driftEvents>({
  category: 'drift', events: driftEvents, decider: { initial: { open: new Set() }, evolve, decide },
});
