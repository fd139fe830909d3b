import { lessonImport, type ImportCounts } from '../../domain/lessonImport/index.ts';
import { createHash } from 'node:crypto';
import { deriveId } from '../../eventLog/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { START } from '../../ports/eventStore.ts';
import type { LessonCommands } from '../lessons/index.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Expansion, ExpansionSettings } from './expansion.ts';
import { matchOccurrences } from './matching.ts';
import { itemOf, itemOfKnown, planImport } from './planning.ts';
import type { ImportDirectory, ImportItem, ImportLessons, ImportProgress, ImportReport, KnownLessons } from './types.ts';
import { createWhoIsWho } from './whoIsWho.ts';
import { cancelLessons, type Writing, writeLessons } from './writing.ts';

export type ImportDeps = {
  pipeline: Pipeline;
  clock: Clock;
  lessons: LessonCommands;
  directory: ImportDirectory;
  known: KnownLessons;
  /** `expandFile`: in a thread of its own. */
  expand(file: Uint8Array, settings: ExpansionSettings): Promise<Expansion>;
  /** IANA. */
  schoolZone: string;
  /** Default 400. */
  daysAhead?: number;
  /** Default 5,000. */
  maxOccurrences?: number;
};

const MAX_ITEMS = 6_000;

/**
 * One lesson per occurrence of the file. The same file again changes nothing; a file that changed changes what it changed itself, and
 * what people did by hand stays. Refusals are told per entry, and the others go in. An import that dies halfway is finished by
 * running it again: lessons' ids derive from calendar, UID and recurrence id.
 * @throws DomainError `importUnreadable`, `importTooHeavy`, `readModelBehind`, `importUndone` (this very command was undone)
 */
export const createImportLessons = (deps: ImportDeps) =>
  async (input: ImportLessons, ctx: CommandContext, progress: (progress: ImportProgress) => void = () => undefined): Promise<ImportReport> => {
    const { daysAhead = 400, maxOccurrences = 5_000 } = deps;
    const now = deps.clock.now();
    const importId = deriveId(ctx.commandId, 'lessonImport');
    progress({ phase: 'reading', done: 0, total: 0 });
    const expansion = await deps.expand(input.file, { format: input.format, now: now.toISOString(), schoolZone: deps.schoolZone, daysAhead, maxOccurrences });
    const calendar = (input.calendar?.trim() || expansion.calendar || 'timetable').slice(0, 200);

    progress({ phase: 'comparing', done: 0, total: expansion.occurrences.length });
    await deps.known.upToDate();
    const known = await deps.known.ofCalendar(calendar);
    const horizon = new Date(now.getTime() + daysAhead * 86_400_000).toISOString();
    const matched = matchOccurrences(expansion, known, { now: now.toISOString(), horizon });
    const plan = await planImport(matched, createWhoIsWho(deps.directory, input.teacher), importId, input.format);

    const unreadable = expansion.refused.map((entry): ImportItem => ({
      outcome: 'refused', line: entry.line, uid: entry.uid, recurrenceId: entry.recurrenceId ?? '', title: entry.title, localStart: null, zone: null, lessonId: null,
      reason: entry.reason, detail: entry.detail,
    }));
    const before = [...unreadable, ...plan.refused, ...plan.madeBefore.map(({ occurrence, known: { lessonId } }) => itemOf('scheduled', occurrence, lessonId))];
    const vanishedItems = matched.vanished.map((lesson) => itemOfKnown('vanished', lesson, null));
    const notes = [...expansion.notes];
    if (plan.withoutGroup > 0) notes.push(`${plan.withoutGroup} lessons name categories that are no groups of the school; they have no group.`);
    const reportOf = (all: readonly ImportItem[], answer: { revision: number; position: string }, dryRun: boolean): ImportReport => {
      const items = [...all].sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || (a.localStart ?? '').localeCompare(b.localStart ?? ''));
      if (items.length > MAX_ITEMS) notes.push(`${items.length - MAX_ITEMS} more items are counted, not listed.`);
      return { id: importId, ...answer, calendar, dryRun, counts: countsOf(items, plan.unchanged, expansion), items: items.slice(0, MAX_ITEMS), notes };
    };

    if (input.dryRun) {
      const wouldCancel = [
        ...matched.calledOff.map(({ known: lesson, cancellation }) => itemOfKnown('cancelled', lesson, cancellation.line)),
        ...vanishedItems.map((item) => (input.cancelVanished ? { ...item, outcome: 'cancelled' as const } : item)),
      ];
      const wouldDo = plan.tasks.map((task) => task.task === 'schedule'
        ? itemOf('scheduled', task.occurrence, null)
        : itemOf(task.change.when ? 'moved' : 'changed', task.occurrence, task.known.lessonId));
      return reportOf([...before, ...wouldCancel, ...wouldDo], { revision: -1, position: START }, true);
    }

    const started = await deps.pipeline.execute(lessonImport, importId, {
      type: 'start', importId, calendar, format: input.format, sha256: createHash('sha256').update(input.file).digest('hex'), cancelVanished: input.cancelVanished === true,
    }, ctx, { step: 'start' });
    const writing: Writing = {
      lessons: deps.lessons, input, calendar, importId, ctx,
      knownIds: new Set(known.map(({ lessonId }) => lessonId)),
      progress: (done) => progress({ phase: 'writing', done, total: plan.tasks.length }),
    };
    const calledOff = await cancelLessons(writing, matched.calledOff.map(({ known: lesson, cancellation: { line } }) => ({ known: lesson, line })), 'calledOff',
      (lesson, line, error) => itemOfKnown(error ? 'refused' : 'cancelled', lesson, line, error));
    const vanished = input.cancelVanished
      ? await cancelLessons(writing, matched.vanished.map((lesson) => ({ known: lesson, line: null })), 'vanished',
        (lesson, line, error) => itemOfKnown(error ? 'refused' : 'cancelled', lesson, line, error ?? 'it is no longer in the file'))
      : { items: vanishedItems, position: START };
    const written = await writeLessons(writing, plan.tasks);

    const items = [...before, ...calledOff.items, ...vanished.items, ...written.items];
    const finished = await deps.pipeline.execute(lessonImport, importId, { type: 'finish', importId, counts: countsOf(items, plan.unchanged, expansion) }, ctx, { step: 'finish' });
    const position = [started, calledOff, vanished, written, finished].map((step) => step.position).reduce((a, b) => (a > b ? a : b));
    return reportOf(items, { revision: finished.revision, position }, false);
  };

const countsOf = (items: readonly ImportItem[], unchanged: number, expansion: Expansion): ImportCounts => {
  const count = (outcome: ImportItem['outcome']) => items.reduce((sum, item) => (item.outcome === outcome ? sum + 1 : sum), 0);
  return {
    scheduled: count('scheduled'), unchanged, moved: count('moved'), changed: count('changed'), cancelled: count('cancelled'), vanished: count('vanished'),
    // Of a file of rubbish only the first refusals are listed.
    refused: count('refused') + expansion.refusedCount - expansion.refused.length,
    skippedPast: expansion.skippedPast,
  };
};
