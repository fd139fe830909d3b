import type { Component } from './components.ts';
import { type ContentLine, plainText, textList } from './contentLines.ts';
import { type DateValue, parseDateValue, parseDuration } from './dateValues.ts';
import { Refusal } from './refusal.ts';
import { parseRule, type Rule } from './recurrenceRule.ts';
import type { Instant, Wall } from './wallTime.ts';
import type { ZoneByName } from './zoneNames.ts';
import type { Zone } from './zones.ts';

/** A VEVENT: a master (with rules or not) or, with `replaces`, what one occurrence (or this and the following) of a master became. */
export type CalendarEvent = {
  uid: string;
  line: number;
  /** '' when the event has none. */
  title: string;
  start: Wall;
  zone: Zone;
  /** Seconds; exact, the same for every occurrence (RFC 5545, 3.8.5.3). */
  length: number;
  cancelled: boolean;
  /** The higher sequence wins, then the later stamp. */
  sequence: number;
  stamp: string;
  organizer: string | null;
  attendees: readonly string[];
  groups: readonly string[];
  provider?: 'zoom' | 'none';
  autoRecord?: boolean;
  replaces?: { instant: Instant; wall: Wall; wholeDay: boolean; following: boolean };
  rules: readonly Rule[];
  exceptRules: readonly Rule[];
  extra: readonly { wall: Wall; length?: number }[];
  except: { instants: ReadonlySet<Instant>; walls: ReadonlySet<Wall>; days: ReadonlySet<Wall> };
};

const PEOPLE_READ = 200;

/** @throws Refusal with the line that is at fault */
export const readEvent = (component: Component, zoneByName: ZoneByName, schoolZone: Zone): CalendarEvent => {
  if (component.defect) throw new Refusal('truncated', component.defect.what, component.defect.line);
  const broken = component.lines.find((line) => line.name === '');
  if (broken) throw new Refusal('badLine', `“${broken.value.slice(0, 60)}” is no property`, broken.number);
  const all = (name: string): ContentLine[] => component.lines.filter((line) => line.name === name);
  const one = (name: string): ContentLine | undefined => component.lines.find((line) => line.name === name);

  const startLine = one('DTSTART');
  if (!startLine) throw new Refusal('noStart', 'it has no DTSTART', component.line);
  const zoneFor = (line: ContentLine, value: DateValue, otherwise: Zone): Zone => {
    if (value.kind === 'utc') return zoneByName('UTC', line.number);
    const tzid = line.params['TZID'];
    return tzid === undefined || tzid === '' ? otherwise : zoneByName(tzid, line.number);
  };
  const startValue = parseDateValue(startLine.value, startLine.number);
  if (startValue.kind === 'date') throw new Refusal('allDay', 'it lasts all day; a lesson has a time', startLine.number);
  const zone = zoneFor(startLine, startValue, schoolZone);
  const start = startValue.wall;
  const instantOf = (line: ContentLine, value: DateValue): Instant => zoneFor(line, value, zone).toInstant(value.wall);

  const replacesLine = one('RECURRENCE-ID');
  const title = text(one('SUMMARY'));
  return {
    uid: uidOf(component),
    line: component.line,
    title,
    start, zone,
    length: lengthOf(one('DTEND'), one('DURATION'), zone.toInstant(start), instantOf),
    cancelled: one('STATUS')?.value.trim().toUpperCase() === 'CANCELLED',
    sequence: Number.parseInt(one('SEQUENCE')?.value ?? '0', 10) || 0,
    stamp: (one('LAST-MODIFIED') ?? one('DTSTAMP'))?.value.trim() ?? '',
    organizer: addressOf(one('ORGANIZER')),
    attendees: attendeesOf(all('ATTENDEE')),
    groups: all('CATEGORIES').flatMap((line) => textList(line.value)).slice(0, PEOPLE_READ),
    ...providerOf(one('X-LECTERN-PROVIDER')),
    ...autoRecordOf(one('X-LECTERN-AUTO-RECORD')),
    ...(replacesLine ? { replaces: replacesOf(replacesLine, instantOf) } : {}),
    rules: all('RRULE').map((line) => parseRule(line.value, line.number)),
    exceptRules: all('EXRULE').map((line) => parseRule(line.value, line.number)),
    extra: all('RDATE').flatMap((line) => extraDates(line, start, zone, instantOf)),
    except: exceptDates(all('EXDATE'), instantOf),
  };
};

/** Programs show events without UID as well: such an event is known by what it is. Changing it makes it another. */
export const uidOf = (component: Component): string => {
  const line = component.lines.find(({ name }) => name === 'UID');
  if (line?.damaged) throw new Refusal('damagedText', 'its UID is not UTF-8', line.number);
  const uid = line?.value.replace(/[\u0000-\u001f\u007f]/g, '').trim() ?? '';
  if (uid.length > 1_000) throw new Refusal('longUid', 'its UID is longer than 1,000 characters', line?.number);
  if (uid !== '') return uid;
  const value = (name: string) => component.lines.find((candidate) => candidate.name === name)?.value.trim().slice(0, 200) ?? '';
  return `no-uid:${[value('DTSTART'), value('SUMMARY'), value('ORGANIZER')].join('|')}`;
};

const text = (line: ContentLine | undefined): string => {
  if (!line) return '';
  if (line.damaged) throw new Refusal('damagedText', `its ${line.name} is not UTF-8`, line.number);
  if (line.params['ENCODING']?.toUpperCase() === 'QUOTED-PRINTABLE') throw new Refusal('unsupported', 'it is written in vCalendar 1.0 (quoted-printable)', line.number);
  return plainText(line.value.length > 10_000 ? line.value.slice(0, 10_000) : line.value);
};

type InstantOf = (line: ContentLine, value: DateValue) => Instant;

const lengthOf = (end: ContentLine | undefined, duration: ContentLine | undefined, start: Instant, instantOf: InstantOf): number => {
  if (end) {
    const value = parseDateValue(end.value, end.number);
    if (value.kind === 'date') throw new Refusal('badLength', 'it begins at a time and ends on a day', end.number);
    return instantOf(end, value) - start;
  }
  return duration ? parseDuration(duration.value, duration.number) : 0;
};

const replacesOf = (line: ContentLine, instantOf: InstantOf) => {
  const value = parseDateValue(line.value, line.number);
  const range = line.params['RANGE']?.toUpperCase();
  if (range !== undefined && range !== 'THISANDFUTURE') throw new Refusal('unsupported', `RANGE=${range.slice(0, 40)} is not known`, line.number);
  return { instant: instantOf(line, value), wall: value.wall, wholeDay: value.kind === 'date', following: range !== undefined };
};

/** RDATE: other zones become the event's; a PERIOD brings its own length; a bare day takes the event's time of day. */
const extraDates = (line: ContentLine, start: Wall, zone: Zone, instantOf: InstantOf): { wall: Wall; length?: number }[] =>
  line.value.split(',').filter((item) => item.trim() !== '').map((item) => {
    const [from = '', to] = item.split('/');
    const value = parseDateValue(from, line.number);
    if (value.kind === 'date') return { wall: value.wall + (((start % 86_400) + 86_400) % 86_400) };
    const ownZone = value.kind === 'local' && (line.params['TZID'] ?? '') === '';
    const wall = ownZone ? value.wall : zone.toWall(instantOf(line, value));
    if (to === undefined) return { wall };
    const length = /^[+-]?P/i.test(to.trim()) ? parseDuration(to, line.number) : instantOf(line, parseDateValue(to, line.number)) - instantOf(line, value);
    return { wall, length };
  });

const exceptDates = (lines: readonly ContentLine[], instantOf: InstantOf): CalendarEvent['except'] => {
  const instants = new Set<Instant>();
  const walls = new Set<Wall>();
  const days = new Set<Wall>();
  for (const line of lines) {
    for (const item of line.value.split(',')) {
      if (item.trim() === '') continue;
      const value = parseDateValue(item, line.number);
      // Some programs except whole days, and some forget the TZID: then the event's own clock is meant.
      if (value.kind === 'date') days.add(value.wall);
      else instants.add(instantOf(line, value));
      if (value.kind === 'local' && (line.params['TZID'] ?? '') === '') walls.add(value.wall);
    }
  }
  return { instants, walls, days };
};

/** Who chairs, then who attends; rooms and people who declined do not teach. */
const attendeesOf = (attendees: readonly ContentLine[]): string[] => {
  const coming = attendees.slice(0, PEOPLE_READ).filter(({ params }) =>
    params['PARTSTAT']?.toUpperCase() !== 'DECLINED' && !['RESOURCE', 'ROOM'].includes(params['CUTYPE']?.toUpperCase() ?? ''));
  const chairs = coming.filter(({ params }) => params['ROLE']?.toUpperCase() === 'CHAIR');
  return [...new Set([...chairs, ...coming].map(addressOf).filter((address) => address !== null))];
};

const addressOf = (line: ContentLine | undefined): string | null => {
  const candidate = line?.params['EMAIL'] ?? line?.value ?? '';
  const address = candidate.trim().replace(/^mailto:/i, '').trim().toLowerCase();
  return address.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(address) ? address : null;
};

const providerOf = (line: ContentLine | undefined): { provider?: 'zoom' | 'none' } => {
  const value = line?.value.trim().toLowerCase();
  if (value === undefined) return {};
  if (value !== 'zoom' && value !== 'none') throw new Refusal('badValue', 'X-LECTERN-PROVIDER is neither zoom nor none', line?.number);
  return { provider: value };
};

const autoRecordOf = (line: ContentLine | undefined): { autoRecord?: boolean } => {
  const value = line?.value.trim().toUpperCase();
  if (value === undefined) return {};
  if (value !== 'TRUE' && value !== 'FALSE') throw new Refusal('badValue', 'X-LECTERN-AUTO-RECORD is neither TRUE nor FALSE', line?.number);
  return { autoRecord: value === 'TRUE' };
};
