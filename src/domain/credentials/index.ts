import { aggregate } from '../kernel/decider.ts';
import { operationsEvents } from '../operations/events.ts';

export type CredentialsState = { times: number };
export type CredentialsCommand = { type: 'stored'; ref: string; fields: readonly string[] };

const credentialsEvents = { CredentialsStored: operationsEvents.CredentialsStored };

/** That credentials were stored, by whom and when; never what. Stream `credentials-<ref>`. */
export const credentials = aggregate<CredentialsState, CredentialsCommand, typeof credentialsEvents>({
  category: 'credentials',
  events: credentialsEvents,
  decider: {
    initial: { times: 0 },
    evolve: ({ times }) => ({ times: times + 1 }),
    decide: ({ ref, fields }) => [{ type: 'CredentialsStored', data: { ref, fields: [...fields].sort() } }],
  },
});
