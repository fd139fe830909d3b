import type { ImportCounts } from '../../domain/lessonImport/index.ts';
import type { Position } from '../../ports/eventStore.ts';
import type { Answer } from '../answer.ts';
import type { ImportedFrom } from '../lessons/types.ts';

export type ImportLessons = {
  file: Uint8Array;
  format: 'ics' | 'csv';
  /** Which timetable this is: what vanished from it is judged by this name. Default: what the file calls itself, else `timetable`. */
  calendar?: string;
  /** Person id or e-mail address: who teaches what names no teacher of the school. */
  teacher?: string;
  /** For what the file does not say. Default `zoom`. */
  provider?: 'zoom' | 'none';
  /** Default false. */
  autoRecord?: boolean;
  /** Only says what would be done; places on accounts are not tried. */
  dryRun?: boolean;
  /** Cancels lessons of this calendar that the file no longer has. Without it they are reported. */
  cancelVanished?: boolean;
};

/** What an import made earlier, as the lessons read model has it. */
export type KnownLesson = {
  lessonId: string;
  status: 'scheduled' | 'live' | 'finished' | 'cancelled';
  cancelReason: string | null;
  startsAt: string;
  /** What the file said last. */
  imported: ImportedFrom;
  /** How the lesson is now. */
  now: Said;
};

/** What a file says of a lesson and people may change afterwards. */
export type Said = Omit<ImportedFrom, 'importId' | 'calendar' | 'uid' | 'recurrenceId'>;

/**
 * `scheduled` new · `moved` its time changed in the file · `changed` title, group or teacher did · `cancelled` the file calls it off, or it
 * vanished and the flag says so · `vanished` it is no longer in the file; nothing was done · `refused` `reason` says why.
 * What is unchanged or past is only counted.
 */
export type ImportOutcome = 'scheduled' | 'moved' | 'changed' | 'cancelled' | 'vanished' | 'refused';

export type ImportItem = {
  outcome: ImportOutcome;
  /** In the file; null for what is not in it. */
  line: number | null;
  uid: string;
  recurrenceId: string;
  title: string;
  localStart: string | null;
  zone: string | null;
  lessonId: string | null;
  /** A stable code, of refused items. */
  reason: string | null;
  /** In words. */
  detail: string | null;
};

export type ImportReport = Answer & {
  calendar: string;
  dryRun: boolean;
  counts: ImportCounts;
  /** At most 6,000, in the file's order; unchanged and past lessons are only counted. */
  items: readonly ImportItem[];
  notes: readonly string[];
};

export type ImportProgress = { phase: 'reading' | 'comparing' | 'writing'; done: number; total: number };

export type UndoReport = Answer & {
  /** By this call. */
  cancelled: number;
  /** Begun, finished or past: these stay. */
  kept: number;
};

export type ImportStatus = Answer & {
  status: 'started' | 'finished' | 'undone';
  calendar: string;
  format: 'ics' | 'csv';
  cancelVanished: boolean;
  counts: ImportCounts | null;
};

/** Who is who, as calendars say it. */
export type ImportDirectory = {
  /** By e-mail address (any case) or id. `isTeacher` false: known, but no active teacher. */
  person(emailOrId: string): Promise<{ id: string; isTeacher: boolean } | undefined>;
  /** By id or name (any case). */
  group(nameOrId: string): Promise<{ id: string } | undefined>;
};

export type KnownLessons = {
  /** Resolves once the read models have all that is in the log now. @throws DomainError `readModelBehind` */
  upToDate(): Promise<void>;
  ofCalendar(calendar: string): Promise<readonly KnownLesson[]>;
  /** Those that this import scheduled. */
  ofImport(importId: string): Promise<readonly KnownLesson[]>;
};

export type WithPosition = { position: Position };

/** Reasons that an import writes when it cancels; a lesson cancelled so is scheduled anew when the file has it again. One that people cancelled stays so. */
export const cancelReasons = {
  vanished: 'import: no longer in the calendar',
  calledOff: 'import: called off in the calendar',
  undone: 'import undone',
} as const;
