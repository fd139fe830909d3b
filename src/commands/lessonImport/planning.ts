import { DomainError } from '../../domain/kernel/domainError.ts';
import { type Comparison, compare } from './comparing.ts';
import type { Occurrence } from './expansion.ts';
import type { Matched } from './matching.ts';
import type { ImportItem, KnownLesson, Said } from './types.ts';
import type { WhoIsWho } from './whoIsWho.ts';

/** What is to be done about one entry of the file. */
export type Task =
  | { task: 'schedule'; occurrence: Occurrence; said: Said }
  | { task: 'change'; occurrence: Occurrence; said: Said; known: KnownLesson; change: Extract<Comparison, { outcome: 'differs' }>['change'] };

export type Plan = {
  tasks: readonly Task[];
  /** Known before `importId`'s own attempts, and as the file says. */
  unchanged: number;
  /** Made by an earlier attempt of this same import, whose answer was lost. */
  madeBefore: readonly { occurrence: Occurrence; known: KnownLesson }[];
  refused: readonly ImportItem[];
  /** Entries whose groups the school does not have. */
  withoutGroup: number;
};

/** Who and which group, compared with what was said last. `format` csv: an unknown group is refused; a calendar's category may be just a colour. */
export const planImport = async (matched: Matched, who: WhoIsWho, importId: string, format: 'ics' | 'csv'): Promise<Plan> => {
  const tasks: Task[] = [];
  const refused: ImportItem[] = [];
  const madeBefore: { occurrence: Occurrence; known: KnownLesson }[] = [];
  let unchanged = 0;
  let withoutGroup = 0;
  for (const { occurrence, known } of matched.entries) {
    try {
      const teacherId = await who.teacherOf(occurrence);
      const group = await who.groupOf(occurrence);
      if (group.unknown && format === 'csv') throw new DomainError('unknownGroup', 'the school has no such group', { groups: occurrence.groups });
      if (group.unknown) withoutGroup++;
      const { title, localStart, zone, durationMinutes } = occurrence;
      const said: Said = { title, teacherId, groupId: group.groupId, localStart, zone, durationMinutes };
      if (!known) {
        tasks.push({ task: 'schedule', occurrence, said });
        continue;
      }
      const comparison = compare(said, known);
      if (comparison.outcome === 'differs') tasks.push({ task: 'change', occurrence, said, known, change: comparison.change });
      else if (known.imported.importId === importId) madeBefore.push({ occurrence, known });
      else unchanged++;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refused.push(itemOf('refused', occurrence, known?.lessonId ?? null, error));
    }
  }
  return { tasks, unchanged, madeBefore, refused, withoutGroup };
};

export const itemOf = (outcome: ImportItem['outcome'], occurrence: Occurrence, lessonId: string | null, why?: { code: string; message: string } | string): ImportItem => {
  const { line, uid, recurrenceId, title, localStart, zone } = occurrence;
  const reason = typeof why === 'object' ? why.code : null;
  return { outcome, line, uid, recurrenceId, title, localStart, zone, lessonId, reason, detail: typeof why === 'object' ? why.message : (why ?? null) };
};

export const itemOfKnown = (outcome: ImportItem['outcome'], known: KnownLesson, line: number | null, why?: { code: string; message: string } | string): ImportItem => {
  const { uid, recurrenceId } = known.imported;
  const { title, localStart, zone } = known.now;
  const reason = typeof why === 'object' ? why.code : null;
  return { outcome, line, uid, recurrenceId, title, localStart, zone, lessonId: known.lessonId, reason, detail: typeof why === 'object' ? why.message : (why ?? null) };
};

/**
 * The order in which tasks are tried: days side by side, within a day one start after the other, what starts together at once.
 * Placed in order of start, lessons never need more accounts than the busiest moment does; in any other order they may.
 */
export const inOrder = (tasks: readonly Task[]): Task[][][] => {
  const sorted = [...tasks].sort((a, b) => (a.occurrence.startsAt < b.occurrence.startsAt ? -1 : a.occurrence.startsAt > b.occurrence.startsAt ? 1 : 0));
  return [...Map.groupBy(sorted, ({ occurrence }) => occurrence.startsAt.slice(0, 10)).values()]
    .map((day) => [...Map.groupBy(day, ({ occurrence }) => occurrence.startsAt).values()]);
};
