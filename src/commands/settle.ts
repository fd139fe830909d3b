import { DomainError } from '../domain/kernel/domainError.ts';
import type { Aggregate } from '../domain/kernel/decider.ts';
import type { EventOf, EventTypes } from '../domain/kernel/eventType.ts';
import type { CommandOptions } from './answer.ts';
import type { CommandContext } from './pipeline/context.ts';
import type { Executed, Pipeline } from './pipeline/pipeline.ts';

const mostRounds = 10;

/**
 * Executes a step of a use case until the state is as the step wants it. Once is enough, but for a repeat: the pipeline finds
 * that this step was done before, while its compensation has undone it since. Then it is done again, under another name.
 */
export async function settle<State, Command, Types extends EventTypes>(
  pipeline: Pipeline, aggregate: Aggregate<State, Command, Types>, id: string, command: Command, ctx: CommandContext, step: string, settled: (state: State) => boolean,
  options: CommandOptions = {},
): Promise<Executed<State, EventOf<Types>>> {
  for (let round = 1; round <= mostRounds; round += 1) {
    const executed = await pipeline.execute(aggregate, id, command, ctx, { step: round === 1 ? step : `${step}/${round}`, ...options });
    if (settled(executed.state)) return executed;
  }
  throw new DomainError('contended', `${aggregate.category}-${id} does not settle`);
}
