import type { EventToAppend, Metadata } from '../ports/eventStore.ts';
import type { EventLog } from './eventLog.ts';
import { deriveId } from './ids.ts';

/**
 * Puts a fact on record that nothing is decided on (a skipped event, a failed run): appended at the stream's end, wherever that
 * is by then. The id derives from `factId`, so the same fact is recorded once, however often it is told.
 * @param factId a UUID that names the fact
 * @throws EventStoreError when the log is away: tell it again later
 */
export async function recordOnce(
  log: EventLog, stream: string, factId: string, event: { type: string; data: unknown }, by: { actor: { id: string; role: string }; occurredAt: string },
): Promise<void> {
  const id = deriveId(factId, stream, event.type);
  const metadata: Metadata = { commandId: factId, correlationId: factId, causationId: factId, ...by };
  const encoded: EventToAppend = await log.codec.encode(event, id, metadata);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const there = await log.readStream(stream);
    if (there.some((one) => (one.ok ? one.event.id : one.raw.id) === id)) return;
    const last = there.at(-1);
    const revision = last && (last.ok ? last.event.revision : last.raw.revision);
    const { outcome } = await log.append(stream, [encoded], { expectedRevision: revision ?? 'noStream' });
    if (outcome === 'appended') return;
  }
  throw new Error(`the stream ${stream} keeps changing`);
}
