import type { Aggregate } from '../../src/domain/kernel/decider.ts';
import { DomainError } from '../../src/domain/kernel/domainError.ts';
import type { EventOf, EventTypes } from '../../src/domain/kernel/eventType.ts';

/** given(what happened).when(somebody asks).then(what happens) · .refuses(code) · .nothing() */
export function given<State, Command, Types extends EventTypes>({ decider }: Aggregate<State, Command, Types>, ...history: EventOf<Types>[]) {
  const state = history.reduce((before, event) => decider.evolve(before, event), decider.initial);
  return {
    state,
    when(command: Command) {
      let outcome: { events: EventOf<Types>[] } | { refusal: DomainError };
      try {
        outcome = { events: decider.decide(command, state) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        outcome = { refusal: error };
      }
      return {
        then: (...events: object[]) => expect(outcome).toMatchObject({ events }),
        nothing: () => expect(outcome).toEqual({ events: [] }),
        refuses: (code: string, details: object = {}) => expect(outcome).toMatchObject({ refusal: { code, details } }),
      };
    },
  };
}
