import { expandCalendar } from '../../../src/commands/lessonImport/calendar/expandCalendar.ts';
import type { Expansion, ExpansionSettings } from '../../../src/commands/lessonImport/expansion.ts';

export const settings: ExpansionSettings = { format: 'ics', now: '2026-03-01T00:00:00.000Z', schoolZone: 'Europe/Kyiv', daysAhead: 400, maxOccurrences: 5_000 };

export const expand = (file: Uint8Array | string, more: Partial<ExpansionSettings> = {}): Expansion => {
  const outcome = expandCalendar(typeof file === 'string' ? Buffer.from(file) : file, { ...settings, ...more });
  if (outcome.outcome !== 'read') throw new Error(outcome.detail);
  return outcome.expansion;
};

/** A calendar around these lines. */
export const calendar = (...lines: string[]): string => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');

/** An event in Kyiv, one hour at 18:00 on Monday 2 March 2026 unless the lines say otherwise. */
export const event = (...lines: string[]): string => {
  const has = (name: string) => lines.some((line) => line.startsWith(name));
  const defaults = [
    ...(has('UID') ? [] : ['UID:e1']),
    ...(has('SUMMARY') ? [] : ['SUMMARY:Lesson']),
    ...(has('DTSTART') ? [] : ['DTSTART;TZID=Europe/Kyiv:20260302T180000']),
    ...(has('DTEND') || has('DURATION') ? [] : ['DURATION:PT1H']),
  ];
  return ['BEGIN:VEVENT', ...defaults, ...lines, 'END:VEVENT'].join('\r\n');
};

/** `2026-03-02T18:00` of every occurrence, in order of time. */
export const starts = (expansion: Expansion): string[] => [...expansion.occurrences].sort((a, b) => (a.startsAt < b.startsAt ? -1 : 1)).map(({ localStart }) => localStart);
export const startsOf = (...lines: string[]): string[] => starts(expand(calendar(event(...lines))));
export const refusals = (expansion: Expansion): string[] => expansion.refused.map(({ uid, reason }) => `${uid}: ${reason}`);
