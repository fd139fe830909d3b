import { DomainError } from '../../domain/kernel/domainError.ts';
import { deriveId } from '../../eventLog/ids.ts';
import { type Position, START } from '../../ports/eventStore.ts';
import type { LessonCommands } from '../lessons/index.ts';
import type { ImportedFrom } from '../lessons/types.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { importedLessonId } from './matching.ts';
import { inOrder, itemOf, type Task } from './planning.ts';
import { cancelReasons, type ImportItem, type ImportLessons, type KnownLesson } from './types.ts';

/** Lessons written at once: enough to keep the log's group commit full. */
const CONCURRENCY = 24;
/** How often the same entry may have been cancelled by imports and come back. */
const MAX_TURNS = 50;

export type LessonsWritten = {
  /** One per task; the counts' words. */
  items: ImportItem[];
  position: Position;
};

export type Writing = {
  lessons: Pick<LessonCommands, 'schedule' | 'reschedule' | 'changeDetails' | 'reassignTeacher' | 'rememberImport' | 'cancel'>;
  input: Pick<ImportLessons, 'provider' | 'autoRecord'>;
  calendar: string;
  importId: string;
  /** Ids that lessons of this calendar have: an entry that was cancelled by an import and is back needs another. */
  knownIds: ReadonlySet<string>;
  ctx: CommandContext;
  progress(done: number): void;
};

/** Commands of one import, each with an id of its own that a repeat derives again. */
const contextFor = ({ ctx }: Writing, ...parts: (string | number)[]): CommandContext => ({ ...ctx, commandId: deriveId(ctx.commandId, ...parts), causationId: ctx.commandId });

/**
 * Schedules and changes. What is refused because a teacher or the accounts were busy is tried again once others have moved away, as long as
 * that frees anything: when a timetable shifts by an hour, each lesson moves to where its neighbour was.
 */
export const writeLessons = async (writing: Writing, tasks: readonly Task[]): Promise<LessonsWritten> => {
  const items: ImportItem[] = [];
  let position: Position = START;
  let done = 0;
  let left = tasks;
  for (let round = 1; left.length > 0; round++) {
    const blocked: { task: Task; item: ImportItem }[] = [];
    let moved = 0;
    const one = async (task: Task) => {
      try {
        const written = task.task === 'schedule' ? await schedule(writing, task, round) : await change(writing, task, round);
        if (task.task === 'change') moved++;
        items.push(written.item);
        if (written.position > position) position = written.position;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const item = itemOf('refused', task.occurrence, task.task === 'change' ? task.known.lessonId : null, { code: error.code, message: sayWhy(error) });
        if (error.code === 'teacherBusy' || error.code === 'noZoomAccountFree') blocked.push({ task, item });
        else items.push(item);
      }
      writing.progress(Math.min(++done, tasks.length));
    };
    await mapLimited(inOrder(left), CONCURRENCY, async (day) => {
      for (const together of day) await mapLimited(together, CONCURRENCY, one);
    });
    if (moved === 0 || blocked.length === 0) {
      items.push(...blocked.map(({ item }) => item));
      break;
    }
    left = blocked.map(({ task }) => task);
    done -= left.length;
  }
  return { items, position };
};

const imported = ({ importId, calendar }: Writing, { occurrence: { uid, recurrenceId }, said }: Task): ImportedFrom => ({ importId, calendar, uid, recurrenceId, ...said });

const schedule = async (writing: Writing, task: Extract<Task, { task: 'schedule' }>, round: number) => {
  const { occurrence, said } = task;
  for (let turn = 0; ; turn++) {
    const lessonId = importedLessonId(writing.calendar, occurrence, turn);
    if (writing.knownIds.has(lessonId) && turn < MAX_TURNS) continue;
    try {
      const { position, warnings } = await writing.lessons.schedule({
        ...said, lessonId, wallTimes: 'rfc5545', imported: imported(writing, task),
        provider: occurrence.provider ?? writing.input.provider ?? 'zoom',
        autoRecord: occurrence.autoRecord ?? writing.input.autoRecord ?? false,
      }, contextFor(writing, 'schedule', lessonId, round));
      const overlaps = warnings.length === 0 ? undefined : `students of the group have ${warnings.length === 1 ? 'another lesson' : `${warnings.length} other lessons`} then`;
      return { item: itemOf('scheduled', occurrence, lessonId, overlaps), position };
    } catch (error) {
      // An earlier attempt died halfway and was swept: that id can never be a lesson.
      if (!(error instanceof DomainError) || error.code !== 'lessonAbandoned' || turn >= MAX_TURNS) throw error;
    }
  }
};

const change = async (writing: Writing, task: Extract<Task, { task: 'change' }>, round: number) => {
  const { known, change: { when, teacherId, title, groupId } } = task;
  const { lessonId } = known;
  const { lessons } = writing;
  const what: string[] = [];
  if (teacherId !== undefined && when) {
    // To another teacher's free hour: first out of the old one's agenda, or the new time might be refused by a teacher who has nothing to do with it.
    await lessons.reassignTeacher({ lessonId, teacherId }, contextFor(writing, 'reassign', lessonId, round)).then(
      () => what.push('teacher'),
      async (error: unknown) => {
        if (!(error instanceof DomainError) || error.code !== 'teacherBusy') throw error;
        await lessons.reschedule({ lessonId, ...when, wallTimes: 'rfc5545' }, contextFor(writing, 'reschedule first', lessonId, round));
        await lessons.reassignTeacher({ lessonId, teacherId }, contextFor(writing, 'reassign then', lessonId, round));
        what.push('teacher');
      },
    );
  } else if (teacherId !== undefined) {
    await lessons.reassignTeacher({ lessonId, teacherId }, contextFor(writing, 'reassign', lessonId, round));
    what.push('teacher');
  }
  if (when) {
    await lessons.reschedule({ lessonId, ...when, wallTimes: 'rfc5545' }, contextFor(writing, 'reschedule', lessonId, round));
    what.push('time');
  }
  if (title !== undefined || groupId !== undefined) {
    await lessons.changeDetails({ lessonId, ...(title !== undefined && { title }), ...(groupId !== undefined && { groupId }) }, contextFor(writing, 'details', lessonId, round));
    what.push(...(title === undefined ? [] : ['title']), ...(groupId === undefined ? [] : ['group']));
  }
  const { position } = await lessons.rememberImport({ lessonId, imported: imported(writing, task) }, contextFor(writing, 'remember', lessonId, round));
  const detail = what.length === 0 ? 'people had made the same change by hand' : `changed: ${what.join(', ')}`;
  return { item: itemOf(when ? 'moved' : 'changed', task.occurrence, lessonId, detail), position };
};

/** Cancels lessons that the file calls off or no longer has. Comes before everything else: it frees places. */
export const cancelLessons = async (writing: Writing, lessons: readonly { known: KnownLesson; line: number | null }[], reason: keyof typeof cancelReasons, item: (known: KnownLesson, line: number | null, error?: DomainError) => ImportItem): Promise<LessonsWritten> => {
  let position: Position = START;
  const items = await mapLimited(lessons, CONCURRENCY, async ({ known, line }) => {
    try {
      const answer = await writing.lessons.cancel({ lessonId: known.lessonId, reason: cancelReasons[reason] }, contextFor(writing, 'cancel', known.lessonId));
      if (answer.position > position) position = answer.position;
      return item(known, line);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return item(known, line, error);
    }
  });
  return { items, position };
};

/** With the lessons that are in the way. */
const sayWhy = ({ message, details }: DomainError): string => {
  const conflicts = details['conflicts'];
  if (!Array.isArray(conflicts) || conflicts.length === 0) return message;
  const ids = conflicts.slice(0, 3).map((conflict: unknown) =>
    (typeof conflict === 'object' && conflict !== null && 'lessonId' in conflict ? String(conflict.lessonId) : typeof conflict === 'object' && conflict !== null && 'holder' in conflict ? String(conflict.holder) : '')).filter((id) => id !== '');
  return ids.length === 0 ? message : `${message} (${ids.join(', ')})`;
};
