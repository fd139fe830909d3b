import { z } from 'zod';
import type { LessonImports } from '../../commands/lessonImport/index.ts';
import { defineRoute, type Route } from '../route.ts';
import { given, idField, idParams } from './fields.ts';

const text = (max: number) => z.string().max(max);
const whole = z.int().min(0);

const counts = z.strictObject({
  scheduled: whole, unchanged: whole, moved: whole, changed: whole, cancelled: whole, vanished: whole, refused: whole, skippedPast: whole,
});
const item = z.strictObject({
  outcome: z.enum(['scheduled', 'moved', 'changed', 'cancelled', 'vanished', 'refused']),
  line: z.int().nullable().describe('In the file.'),
  uid: text(1_000), recurrenceId: text(100), title: text(200), localStart: text(16).nullable(), zone: text(100).nullable(), lessonId: text(200).nullable(),
  reason: text(100).nullable().describe('Why it was refused: a stable code.'), detail: text(1_000).nullable(),
});
const answer = { id: text(200), revision: z.int(), position: text(200) };
const report = z.strictObject({
  ...answer, calendar: text(200), dryRun: z.boolean(), counts,
  items: z.array(item).max(6_000).readonly().describe('What is unchanged or past is only counted.'), notes: z.array(text(5_000)).max(100).readonly(),
});
const undone = z.strictObject({ ...answer, cancelled: whole, kept: whole.describe('Begun, finished or past.') });
const status = z.strictObject({
  ...answer, status: z.enum(['started', 'finished', 'undone']), calendar: text(200), format: z.enum(['ics', 'csv']), cancelVanished: z.boolean(), counts: counts.nullable(),
});

const flag = z.stringbool().default(false);
const query = z.strictObject({
  dryRun: flag.describe('Only say what would be done; places on accounts are not tried.'),
  cancelVanished: flag.describe('Cancel lessons of this calendar that the file no longer has. Without it they are reported.'),
  calendar: z.string().trim().min(1).max(200).optional().describe('Which timetable this is. Default: what the file calls itself (X-WR-CALNAME), else “timetable”.'),
  teacher: z.string().trim().min(1).max(320).optional().describe('Id or e-mail address of who teaches what names no teacher of the school.'),
  provider: z.enum(['zoom', 'none']).optional().describe('For what the file does not say. Default zoom.'),
  autoRecord: z.stringbool().optional().describe('For what the file does not say. Default false.'),
});

const common = { tag: 'Imports', access: ['admin', 'manager'] } as const;

/** Timetables in, one lesson per occurrence; and taking an import back. */
export function lessonImportRoutes({ imports }: { imports: LessonImports }): Route[] {
  return [
    defineRoute({
      ...common, kind: 'command', method: 'post', path: '/lessons/import', operationId: 'importLessons', summary: 'Import a timetable',
      description: 'An iCalendar or CSV file (UTF-8, at most 5 MB, 5,000 lessons, 400 days ahead). The same file again changes nothing; a changed one changes what '
        + 'it changed itself, and what people did by hand stays. Refusals are told per entry, and the others go in. CSV columns: uid, title, start, '
        + 'duration or end, teacher, group, zone, provider, autoRecord.',
      request: { query },
      rawBody: { contentTypes: ['text/calendar', 'text/csv'], maxBytes: 5 * 1024 * 1024 },
      answerWithinMs: 600_000,
      response: { status: 200, schema: report },
      problems: ['importUnreadable', 'importTooHeavy', 'importUndone', 'readModelBehind'],
      async handler({ query: { calendar, teacher, provider, autoRecord, dryRun, cancelVanished }, raw, headers, command }) {
        const format = /^\s*text\/csv\b/i.test(headers['content-type'] ?? '') ? 'csv' : 'ics';
        return { body: await imports.importLessons({ file: raw, format, dryRun, cancelVanished, ...given({ calendar, teacher, provider, autoRecord }) }, command) };
      },
    }),
    defineRoute({
      ...common, kind: 'command', method: 'post', path: '/lessons/imports/{id}/undo', operationId: 'undoLessonImport', summary: 'Take an import back',
      description: 'Cancels the lessons which that import scheduled and which have not begun, also where they were moved since. What it moved or changed stays.',
      request: { params: idParams },
      response: { status: 200, schema: undone },
      problems: ['importNotFound', 'readModelBehind'],
      handler: async ({ params: { id }, command }) => ({ body: await imports.undo(id, command) }),
    }),
    defineRoute({
      ...common, access: ['admin', 'manager', 'auditor'], kind: 'query', method: 'get', path: '/lessons/imports/{id}', operationId: 'getLessonImport', summary: 'How an import went',
      request: { params: z.strictObject({ id: idField }) },
      response: { status: 200, schema: status },
      problems: ['importNotFound'],
      async handler({ params: { id } }) {
        const body = await imports.status(id);
        return { body, revision: body.revision, position: body.position };
      },
    }),
  ];
}
