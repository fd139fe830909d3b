import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id } from '../kernel/fields.ts';

const counts = z.object({
  scheduled: z.int(), unchanged: z.int(), moved: z.int(), changed: z.int(), cancelled: z.int(), vanished: z.int(), refused: z.int(), skippedPast: z.int(),
});

/** Stream `lessonImport-<importId>`. */
export const lessonImportEvents = {
  LessonImportStarted: eventType(z.object({ importId: id, calendar: z.string(), format: z.enum(['ics', 'csv']), sha256: z.string(), cancelVanished: z.boolean() })),
  LessonImportFinished: eventType(z.object({ importId: id, counts })),
  LessonImportUndone: eventType(z.object({ importId: id, cancelled: z.int(), kept: z.int() })),
};
