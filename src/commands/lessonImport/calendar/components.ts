import { type ContentLine, contentLines, plainText } from './contentLines.ts';

/** BEGIN:name … END:name. `lines`: those that matter; one without a name is broken. `line`: of its BEGIN. `defect`: it was not closed, or not closed in its place. */
export type Component = { name: string; line: number; lines: ContentLine[]; children: Component[]; defect?: { line: number; what: string } };

export type CalendarFile = {
  /** Properties of the calendars themselves (METHOD, X-WR-CALNAME …). */
  lines: ContentLine[];
  zones: Component[];
  events: Component[];
  /** True when every calendar in the file was closed: what is missing in it is missing on purpose. */
  complete: boolean;
};

/** What anybody here asks for; the rest of a file (descriptions, most of all) is not kept. */
const wanted: ReadonlySet<string> = new Set([
  'UID', 'SUMMARY', 'DTSTART', 'DTEND', 'DURATION', 'RRULE', 'RDATE', 'EXDATE', 'EXRULE', 'RECURRENCE-ID', 'STATUS', 'SEQUENCE', 'DTSTAMP', 'LAST-MODIFIED', 'ORGANIZER', 'ATTENDEE',
  'CATEGORIES', 'X-LECTERN-PROVIDER', 'X-LECTERN-AUTO-RECORD', 'TZID', 'TZOFFSETFROM', 'TZOFFSETTO', 'METHOD', 'VERSION', 'X-WR-CALNAME', 'NAME',
]);

/** A line that is none, yet begins like one that decides what a lesson is. Broken descriptions harm nobody. */
const decisive = /^\s*(UID|SUMMARY|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|EXRULE|RECURRENCE-ID|STATUS|ORGANIZER|ATTENDEE|CATEGORIES)\b/i;

/** Nobody nests deeper than calendar, event, alarm; a file that does is passed over, not followed. */
const MAX_DEPTH = 8;

/**
 * The components that make a timetable; others (to-dos, journals, alarms) are passed over. A component that is broken is marked, and
 * reading goes on after it. Undefined: the file holds no calendar at all.
 */
export const readCalendarFile = (file: Uint8Array): CalendarFile | undefined => {
  const calendar: CalendarFile = { lines: [], zones: [], events: [], complete: true };
  const open: Component[] = [];
  let depthPassedOver = 0;
  let calendars = 0;
  const close = (component: Component) => {
    if (component.name === 'VEVENT') calendar.events.push(component);
    else if (component.name === 'VTIMEZONE') calendar.zones.push(component);
    else if (component.name === 'VCALENDAR') calendar.lines.push(...component.lines);
    else if (open.at(-1)?.name === 'VTIMEZONE') open.at(-1)?.children.push(component);
  };
  /** Closes what is open above `keep` components, as broken. */
  const breakOff = (keep: number, line: number, what: string) => {
    while (open.length > keep) {
      const broken = open.pop();
      if (!broken) return;
      broken.defect ??= { line, what };
      if (broken.name === 'VCALENDAR') calendar.complete = false;
      close(broken);
    }
  };
  let last = 1;
  for (const line of contentLines(file)) {
    last = line.number;
    if (line.name === 'BEGIN') {
      const name = line.value.trim().toUpperCase();
      if (open.length >= MAX_DEPTH || depthPassedOver > 0) {
        depthPassedOver++;
        continue;
      }
      if (name === 'VCALENDAR') {
        breakOff(0, line.number, 'another calendar begins inside it');
        calendars++;
      } else if (name === 'VEVENT' && open.some((component) => component.name === 'VEVENT')) {
        breakOff(open.findIndex((component) => component.name === 'VEVENT'), line.number, 'another event begins inside it');
      }
      open.push({ name, line: line.number, lines: [], children: [] });
    } else if (line.name === 'END') {
      const name = line.value.trim().toUpperCase();
      if (depthPassedOver > 0) {
        depthPassedOver--;
        continue;
      }
      const index = open.findLastIndex((component) => component.name === name);
      if (index < 0) continue;
      breakOff(index + 1, line.number, `END:${name} comes before its own end`);
      const done = open.pop();
      if (done) close(done);
    } else if (depthPassedOver === 0 && (wanted.has(line.name) || (line.name === '' && decisive.test(line.value)))) {
      open.at(-1)?.lines.push(line);
    }
  }
  breakOff(0, last, 'the file ends inside it');
  return calendars === 0 ? undefined : calendar;
};

/** How the calendar calls itself: X-WR-CALNAME (Google, Outlook, Apple) or NAME (RFC 7986). */
export const calendarName = (file: CalendarFile): string | undefined => {
  const line = file.lines.find(({ name }) => name === 'X-WR-CALNAME') ?? file.lines.find(({ name }) => name === 'NAME');
  const name = line && plainText(line.value).slice(0, 200);
  return name === '' ? undefined : name;
};
