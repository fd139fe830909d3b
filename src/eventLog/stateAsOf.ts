import type { Aggregate } from '../domain/kernel/decider.ts';
import type { EventTypes } from '../domain/kernel/eventType.ts';
import type { EventLog } from './eventLog.ts';

/** A moment: after this revision, or with every event that occurred until this instant (RFC 3339 UTC). */
export type AsOf = { revision?: number; at?: string };

export type StateAsOf = { stream: string; revision: number; occurredAt: string | undefined; state: unknown; ignored: number };

/**
 * What a stream's events came to at that moment: its aggregate's state, folded from the log alone.
 * @returns revision -1 when nothing had happened yet; `ignored` counts events that a newer release wrote
 * @throws Error when an event cannot be read
 */
export async function stateAsOf<State, Command, Types extends EventTypes>(
  log: Pick<EventLog, 'readStream'>, aggregate: Aggregate<State, Command, Types>, stream: string, { revision = Infinity, at }: AsOf,
): Promise<StateAsOf> {
  const until = at === undefined ? Infinity : Date.parse(at);
  let state = aggregate.decider.initial;
  const result: StateAsOf = { stream, revision: -1, occurredAt: undefined, state, ignored: 0 };
  for (const decoded of await log.readStream(stream)) {
    const { metadata, revision: own } = decoded.ok ? decoded.event : decoded.raw;
    if (own > revision || Date.parse(metadata.occurredAt) > until) break;
    if (!decoded.ok && decoded.reason === 'unreadable') throw new Error(`${stream} revision ${own} cannot be read: ${decoded.error}`);
    if (decoded.ok && Object.hasOwn(aggregate.events, decoded.event.type)) state = aggregate.decider.evolve(state, decoded.event as never);
    else result.ignored += 1;
    result.revision = own;
    result.occurredAt = metadata.occurredAt;
  }
  return { ...result, state };
}
