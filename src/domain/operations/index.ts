import { aggregate } from '../kernel/decider.ts';
import type { EventOf } from '../kernel/eventType.ts';
import { emptyList, find, insert, remove, type SortedList } from '../kernel/sortedList.ts';
import { operationsEvents } from './events.ts';

type EventData = { [Event in EventOf<typeof operationsEvents> as Event['type']]: Event['data'] };

type Named = { id: string };
const byId = (a: Named, b: Named) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Stream `job-<name>`: runs that failed; each is said once. */
export const job = aggregate<{ lastFailedRun: string }, { type: 'recordFailure' } & EventData['JobRunFailed'], { JobRunFailed: typeof operationsEvents.JobRunFailed }>({
  category: 'job',
  events: { JobRunFailed: operationsEvents.JobRunFailed },
  decider: {
    initial: { lastFailedRun: '' },
    evolve: (_, { data }) => ({ lastFailedRun: data.runId }),
    decide: ({ type: _, ...data }, { lastFailedRun }) => (data.runId === lastFailedRun ? [] : [{ type: 'JobRunFailed', data }]),
  },
});

/** Stream `projection-<name>`: events that somebody decided to pass over. */
export const projection = aggregate<{ skipped: SortedList<Named> }, { type: 'skip' } & EventData['ProjectionEventSkipped'], { ProjectionEventSkipped: typeof operationsEvents.ProjectionEventSkipped }>({
  category: 'projection',
  events: { ProjectionEventSkipped: operationsEvents.ProjectionEventSkipped },
  decider: {
    initial: { skipped: emptyList() },
    evolve: ({ skipped }, { data }) => ({ skipped: insert(skipped, { id: data.eventId }, byId) }),
    decide: ({ type: _, ...data }, { skipped }) => (find(skipped, { id: data.eventId }, byId) ? [] : [{ type: 'ProjectionEventSkipped', data }]),
  },
});

/** Stream `credentials-<ref>`: that they were set, never to what. */
export const credentials = aggregate<{ stored: boolean }, { type: 'store' } & EventData['CredentialsStored'], { CredentialsStored: typeof operationsEvents.CredentialsStored }>({
  category: 'credentials',
  events: { CredentialsStored: operationsEvents.CredentialsStored },
  decider: {
    initial: { stored: false },
    evolve: () => ({ stored: true }),
    decide: ({ type: _, ...data }) => [{ type: 'CredentialsStored', data }],
  },
});

const driftEvents = { DriftDetected: operationsEvents.DriftDetected, DriftRepaired: operationsEvents.DriftRepaired };

/** Stream `drift-<vendor>`: where we and the vendor differ. A finding is said once until it is repaired. */
export const drift = aggregate<
  { open: SortedList<Named> },
  ({ type: 'detect' } & EventData['DriftDetected']) | ({ type: 'repair' } & EventData['DriftRepaired']),
  typeof driftEvents
>({
  category: 'drift',
  events: driftEvents,
  decider: {
    initial: { open: emptyList() },
    evolve: ({ open }, { type, data }) => ({ open: type === 'DriftDetected' ? insert(open, { id: data.findingId }, byId) : remove(open, { id: data.findingId }, byId) }),
    decide(command, { open }): EventOf<typeof driftEvents>[] {
      const known = find(open, { id: command.findingId }, byId);
      if (command.type === 'detect') {
        const { type: _, ...data } = command;
        return known ? [] : [{ type: 'DriftDetected', data }];
      }
      const { type: _, ...data } = command;
      return known ? [{ type: 'DriftRepaired', data }] : [];
    },
  },
});
