import type { RefusalReason } from './calendar/refusal.ts';

/** What a file is read with. Instants in ISO UTC. `schoolZone`: IANA, for floating times. */
export type ExpansionSettings = {
  format: 'ics' | 'csv';
  now: string;
  schoolZone: string;
  /** Default 400. */
  daysAhead: number;
  /** Of the whole file. Default 5,000. An event that would go past it is refused whole. */
  maxOccurrences: number;
};

/** One lesson that the file asks for, between now and the horizon. */
export type Occurrence = {
  uid: string;
  /**
   * '' for an event that does not repeat; else the date on which its rule puts it, in the event's own zone (`2026-03-02`, the second of a day
   * `2026-03-02.2`), also after it was moved: so a series that is moved by an hour keeps its lessons.
   */
  recurrenceId: string;
  /** Where it stands in the file. */
  line: number;
  title: string;
  /** 2026-03-02T18:00, a wall time that exists in `zone`. */
  localStart: string;
  /** IANA. */
  zone: string;
  /** ISO, UTC. */
  startsAt: string;
  durationMinutes: number;
  /** Who teaches, if the school knows them as a teacher: an e-mail address in lower case, or what a CSV column says. */
  organizer: string | null;
  /** Who else may: e-mail addresses in lower case, who chairs first. */
  attendees: readonly string[];
  /** Names or ids, best guess first. */
  groups: readonly string[];
  provider?: 'zoom' | 'none';
  autoRecord?: boolean;
};

/** The file calls these off (STATUS:CANCELLED, METHOD:CANCEL). `recurrenceId` null: every occurrence of the UID. */
export type Cancellation = { uid: string; recurrenceId: string | null; line: number };

export type RefusedEntry = { line: number; uid: string; recurrenceId?: string; title: string; reason: RefusalReason; detail: string };

export type Expansion = {
  /** How the calendar calls itself, if it does. */
  calendar: string | null;
  /** False when the file breaks off or only tells of changes: then what it does not mention has not vanished. */
  complete: boolean;
  occurrences: readonly Occurrence[];
  cancellations: readonly Cancellation[];
  /** The first ones, at most MAX_REFUSED_LISTED. */
  refused: readonly RefusedEntry[];
  refusedCount: number;
  /** Of every refused entry: what cannot be read has not vanished. */
  refusedUids: readonly string[];
  skippedPast: number;
  /** Things worth knowing that stopped nothing. */
  notes: readonly string[];
};

/** `notACalendar`: nothing in the file can be read as what it is said to be. */
export type ExpansionOutcome = { outcome: 'read'; expansion: Expansion } | { outcome: 'notACalendar'; detail: string };

/** Refused entries that are told one by one; the rest is a note, so that a file of rubbish gives no answer of its own size. */
export const MAX_REFUSED_LISTED = 1_000;
