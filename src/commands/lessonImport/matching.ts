import { deriveId } from '../../eventLog/ids.ts';
import { resolveWallTime } from '../wallTime.ts';
import type { Cancellation, Expansion, Occurrence } from './expansion.ts';
import { cancelReasons, type KnownLesson } from './types.ts';

/** Ids of imported lessons derive from this, for ever. */
const namespace = '6c7d1a2e-91b4-4c52-8a3f-0c1b7c6b52d4';

export type Matched = {
  /** `known`: what an earlier import made of it. */
  entries: readonly { occurrence: Occurrence; known?: KnownLesson }[];
  calledOff: readonly { cancellation: Cancellation; known: KnownLesson }[];
  vanished: readonly KnownLesson[];
};

/**
 * Which entry of the file is which lesson: the same UID and recurrence id; failing that, the same UID and the same start (an event
 * that began to repeat, or stopped repeating, keeps its lesson). What the calendar's earlier imports made and the file
 * no longer has, has vanished; not so what the file mentions but cannot say properly, what is past or beyond the horizon in the
 * file's own words, and anything at all when the file is incomplete.
 */
export const matchOccurrences = (expansion: Expansion, known: readonly KnownLesson[], window: { now: string; horizon: string }): Matched => {
  const usable = known.filter((lesson) => !cancelledByImport(lesson));
  const byUid = Map.groupBy(usable, ({ imported }) => imported.uid);
  const byName = new Map(usable.map((lesson) => [nameOf(lesson.imported), lesson]));
  const taken = new Set<KnownLesson>();
  const take = (lesson: KnownLesson | undefined): KnownLesson | undefined => {
    if (!lesson || taken.has(lesson)) return undefined;
    taken.add(lesson);
    return lesson;
  };

  const named = new Map(expansion.occurrences.map((occurrence) => [occurrence, take(byName.get(nameOf(occurrence)))]));
  const calledOff = expansion.cancellations.flatMap((cancellation) => {
    const { uid, recurrenceId } = cancellation;
    const meant = recurrenceId === null ? (byUid.get(uid) ?? []) : [byName.get(nameOf({ uid, recurrenceId }))];
    return meant.flatMap((lesson) => (take(lesson) && lesson ? [{ cancellation, known: lesson }] : []));
  });
  const entries = expansion.occurrences.map((occurrence) => {
    const lesson = named.get(occurrence)
      ?? take(byUid.get(occurrence.uid)?.find((left) => !taken.has(left) && saidStart(left.imported) === occurrence.startsAt));
    return lesson ? { occurrence, known: lesson } : { occurrence };
  });

  const unreadable = new Set(expansion.refusedUids);
  const vanished = !expansion.complete ? [] : known.filter((lesson) => {
    if (lesson.status !== 'scheduled' || taken.has(lesson) || unreadable.has(lesson.imported.uid) || lesson.startsAt <= window.now) return false;
    const start = saidStart(lesson.imported);
    return start >= window.now && start <= window.horizon;
  });
  return { entries, calledOff: calledOff.filter(({ known: { status, startsAt } }) => status === 'scheduled' && startsAt > window.now), vanished };
};

const nameOf = ({ uid, recurrenceId }: { uid: string; recurrenceId: string }): string => `${uid}\n${recurrenceId}`;

const cancelledByImport = ({ status, cancelReason }: KnownLesson): boolean =>
  status === 'cancelled' && (Object.values(cancelReasons) as readonly (string | null)[]).includes(cancelReason);

/** When a lesson is by what the file said last. */
export const saidStart = ({ localStart, zone, durationMinutes }: { localStart: string; zone: string; durationMinutes: number }): string =>
  resolveWallTime({ localStart, zone, durationMinutes }, 'rfc5545').startsAt;

/** The id of an entry's lesson: always the same, so that a repeat meets it again. A lesson that an import cancelled is final: the next `turn` has another id. */
export const importedLessonId = (calendar: string, { uid, recurrenceId }: { uid: string; recurrenceId: string }, turn: number): string =>
  deriveId(namespace, calendar, uid, recurrenceId, turn);
