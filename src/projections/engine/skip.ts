import type { EventLog } from '../../eventLog/eventLog.ts';
import { deriveId } from '../../eventLog/ids.ts';
import { recordOnce } from '../../eventLog/recordOnce.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Generation, unpause } from './generations.ts';
import type { Sql } from './readModel.ts';

export type Skipped = { eventId: string; position: string };

const streamOf = (readModel: string): string => `projection-${readModel}`;

/** Whether somebody has put it on record that this read model may go past this event. */
export async function isSkipped(log: EventLog, readModel: string, eventId: string): Promise<boolean> {
  const recorded = await log.readStream(streamOf(readModel));
  return recorded.some((one) => one.ok && one.event.type === 'ProjectionEventSkipped' && one.event.data.eventId === eventId);
}

/**
 * Lets the paused generations of a read model go past the event they stand at. First the act is recorded, with its reason,
 * then the checkpoint moves; the same event is passed over in later rebuilds too, if it fails there again.
 */
export async function skipPoison(
  deps: { log: EventLog; pool: Sql; clock: Clock }, paused: readonly Generation[], reason: string, actor: { id: string; role: string },
): Promise<Skipped[]> {
  const skipped: Skipped[] = [];
  for (const generation of paused) {
    const poison = generation.paused;
    if (!poison) continue;
    await record(deps, generation.name, poison, reason, actor);
    if (await unpause(deps.pool, generation, poison.eventId, poison.position)) skipped.push({ eventId: poison.eventId, position: poison.position });
  }
  return skipped;
}

async function record(
  { log, clock }: { log: EventLog; clock: Clock }, readModel: string, poison: { eventId: string; position: string }, reason: string, actor: { id: string; role: string },
): Promise<void> {
  if (await isSkipped(log, readModel, poison.eventId)) return;
  const data = { projection: readModel, position: poison.position, eventId: poison.eventId, reason };
  await recordOnce(log, streamOf(readModel), deriveId(poison.eventId, 'skip', readModel), { type: 'ProjectionEventSkipped', data }, { actor, occurredAt: clock.now().toISOString() });
}
