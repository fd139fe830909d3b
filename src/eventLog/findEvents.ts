import { START, type Position } from '../ports/eventStore.ts';
import type { LogContents, Stretch, Wanted } from '../ports/logContents.ts';
import type { EventLog } from './eventLog.ts';
import type { Decoded } from './recorded.ts';

/** Stretches asked for at once. */
const ahead = 20;

/**
 * Pages of events in log order, or against it, every wanted one among them: where the log's table of contents tells that there is
 * none, nothing is read. What it does not cover yet, the newest events, is read whole.
 * @param after exclusive; default: the end that `direction` begins at
 */
export async function* findEvents(
  log: Pick<EventLog, 'readAll'>, contents: LogContents, wanted: Wanted, { direction, after }: { direction: 'forwards' | 'backwards'; after?: Position | undefined },
): AsyncGenerator<Decoded[]> {
  if (wanted.types === undefined && wanted.person === undefined) {
    yield* log.readAll({ direction, pageSize: 500, ...(after === undefined ? {} : { after }) });
    return;
  }
  const covered = await contents.covered();
  if (direction === 'backwards') {
    for await (const page of log.readAll({ direction, pageSize: 500, ...(after === undefined ? {} : { after }) })) {
      const uncovered = page.filter((decoded) => positionOf(decoded) > covered);
      yield uncovered;
      if (uncovered.length < page.length) break;
    }
    yield* coveredEvents(log, contents, wanted, direction, after, covered);
    return;
  }
  yield* coveredEvents(log, contents, wanted, direction, after, covered);
  yield* log.readAll({ after: later(covered, after ?? START), pageSize: 500 });
}

async function* coveredEvents(
  log: Pick<EventLog, 'readAll'>, contents: LogContents, wanted: Wanted, direction: 'forwards' | 'backwards', after: Position | undefined, covered: Position,
): AsyncGenerator<Decoded[]> {
  const forwards = direction === 'forwards';
  for (let from = after; ;) {
    const stretches = await contents.stretches(wanted, direction, from, ahead);
    for (const stretch of stretches) {
      // It may have grown meanwhile: what is beyond `covered` is read as not covered.
      const events = (await eventsOf(log, stretch)).filter((decoded) => positionOf(decoded) <= covered);
      if (forwards) yield events.filter((decoded) => after === undefined || positionOf(decoded) > after);
      else yield events.filter((decoded) => after === undefined || positionOf(decoded) < after).reverse();
    }
    const last = stretches.at(-1);
    if (last === undefined || stretches.length < ahead) return;
    from = forwards ? last.last : last.after;
  }
}

async function eventsOf(log: Pick<EventLog, 'readAll'>, { after, last, events }: Stretch): Promise<Decoded[]> {
  const all: Decoded[] = [];
  for await (const page of log.readAll({ after, limit: events, pageSize: events })) all.push(...page);
  return all.filter((decoded) => positionOf(decoded) <= last);
}

const positionOf = (decoded: Decoded): Position => (decoded.ok ? decoded.event.position : decoded.raw.position);
const later = (one: Position, other: Position): Position => (one > other ? one : other);
