import type { EventLog } from '../../eventLog/eventLog.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { Position } from '../../ports/eventStore.ts';

const pageSize = 1_000;

/**
 * The events that this step of this command left in the stream, if it ran before and its answer was lost. Read backwards: a
 * repeat comes soon after the first time.
 */
export async function findTraces<Event>(log: EventLog, stream: string, commandId: string, step: string): Promise<{ events: Event[]; revision: number; position: Position } | undefined> {
  const first = deriveId(commandId, step, stream, 0);
  let from: number | undefined;
  const seen: Awaited<ReturnType<EventLog['readStream']>> = [];
  for (;;) {
    const page = await log.readStream(stream, { direction: 'backwards', limit: pageSize, ...(from === undefined ? {} : { from }) });
    seen.push(...page);
    const found = seen.findIndex((decoded) => (decoded.ok ? decoded.event : decoded.raw).id === first);
    if (found >= 0) {
      const events: Event[] = [];
      let last = { revision: 0, position: '' };
      for (let index = 0; found - index >= 0; index += 1) {
        const decoded = seen[found - index];
        if (!decoded?.ok || decoded.event.id !== deriveId(commandId, step, stream, index)) break;
        events.push(decoded.event as unknown as Event);
        last = decoded.event;
      }
      return { events, revision: last.revision, position: last.position };
    }
    const oldest = page.at(-1);
    const revision = oldest ? (oldest.ok ? oldest.event : oldest.raw).revision : 0;
    if (page.length < pageSize || revision === 0) return undefined;
    from = revision - 1;
  }
}
