import type { EventOf, EventTypes } from './eventType.ts';

/** Pure functions: the whole of what an aggregate knows. `decide` throws a DomainError to refuse, and answers [] when there is nothing to do. */
export type Decider<State, Command, Event> = {
  /** Never mutated by anyone. */
  initial: State;
  /** Answers the next state; must not mutate the one it was given (it is cached and shared). */
  evolve(state: State, event: Event): State;
  decide(command: Command, state: State): Event[];
};

/** A decider with its stream category and its event types: what the pipeline needs to run it. */
export type Aggregate<State, Command, Types extends EventTypes> = {
  /** Streams are `<category>-<id>`. */
  category: string;
  events: Types;
  decider: Decider<State, Command, EventOf<Types>>;
};

export const aggregate = <State, Command, Types extends EventTypes>(a: Aggregate<State, Command, Types>) => a;
