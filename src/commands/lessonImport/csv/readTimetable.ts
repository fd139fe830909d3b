import { parse } from 'csv-parse/sync';
import { asUtf8, plainText } from '../calendar/contentLines.ts';
import { timeOf } from '../calendar/expandEvents.ts';
import { Refusal } from '../calendar/refusal.ts';
import { DAY, type Instant, type Wall, wallOf } from '../calendar/wallTime.ts';
import { type Zone, ianaZone, utc } from '../calendar/zones.ts';
import { windowsZone } from '../calendar/windowsZones.ts';
import { type ExpansionOutcome, type ExpansionSettings, MAX_REFUSED_LISTED, type Occurrence, type RefusedEntry } from '../expansion.ts';

/**
 * Columns of a timetable as CSV, in any order and case; the first four are needed, `end` may stand for `duration`.
 * `uid`: names the lesson for ever · `title` · `start`: 2026-03-02 18:00 on the zone's clock, or with Z or an offset · `duration`: minutes ·
 * `teacher`: e-mail or id · `group`: name or id · `zone`: IANA or Windows name, default the school's · `provider`: zoom or none · `autoRecord`: true or false
 */
const columns = ['uid', 'title', 'start', 'duration', 'end', 'teacher', 'group', 'zone', 'provider', 'autorecord'] as const;
type Column = (typeof columns)[number];
const aliases: Readonly<Record<string, Column>> = {
  localstart: 'start', startsat: 'start', endsat: 'end', durationminutes: 'duration', minutes: 'duration', timezone: 'zone', summary: 'title', record: 'autorecord',
  teacherid: 'teacher', teacheremail: 'teacher', groupid: 'group',
};

type Row = { line: number; cells: readonly string[] | undefined };

export const expandTimetable = (file: Uint8Array, settings: ExpansionSettings): ExpansionOutcome => {
  const text = new TextDecoder('utf-8').decode(asUtf8(file));
  const head = headOf(text);
  if ('detail' in head) return { outcome: 'notACalendar', detail: head.detail };
  const now = Math.floor(Date.parse(settings.now) / 1000);
  const horizon = now + settings.daysAhead * DAY;
  const zones = zonesOf(settings.schoolZone, Math.min(now, wallOf(2000, 1, 1)), horizon + 400 * DAY);
  const occurrences: Occurrence[] = [];
  const refused: RefusedEntry[] = [];
  const seen = new Set<string>();
  let skippedPast = 0;
  for (const { line, cells } of rowsOf(text, head.delimiter)) {
    if (line <= head.line || cells?.every((cell) => cell.trim() === '')) continue;
    const cell = (name: Column): string => plainText(cells?.[head.index.get(name) ?? -1] ?? '');
    try {
      if (!cells) throw new Refusal('badLine', 'its quotation marks do not match', line);
      if (cells.slice(head.width).some((extra) => extra.trim() !== '')) throw new Refusal('badLine', 'it has more cells than the header', line);
      const found = readRow(cell, zones, line);
      if (seen.has(found.uid)) throw new Refusal('duplicate', 'its uid stands in an earlier line', line);
      seen.add(found.uid);
      if (found.instant < now) skippedPast++;
      else if (found.instant <= horizon) {
        if (occurrences.length >= settings.maxOccurrences) throw new Refusal('tooManyOccurrences', `a file may bring ${settings.maxOccurrences} lessons in all`, line);
        occurrences.push(found.occurrence);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push({ line, uid: cell('uid').slice(0, 1_000), title: cell('title').slice(0, 200), reason: error.reason, detail: error.message });
    }
  }
  const notes = head.unknown.length === 0 ? [] : [`These columns were not read: ${head.unknown.join(', ')}.`];
  if (refused.length > MAX_REFUSED_LISTED) notes.push(`${refused.length - MAX_REFUSED_LISTED} more entries were refused than are listed.`);
  return {
    outcome: 'read',
    expansion: {
      calendar: null, complete: true, occurrences, cancellations: [], skippedPast, notes,
      refused: refused.slice(0, MAX_REFUSED_LISTED), refusedCount: refused.length, refusedUids: [...new Set(refused.map(({ uid }) => uid))],
    },
  };
};

type Head = { line: number; delimiter: string; index: ReadonlyMap<Column, number>; width: number; unknown: string[] };

/** The header, after Excel's optional `sep=;` line. */
const headOf = (text: string): Head | { detail: string } => {
  const lines = text.slice(0, 20_000).split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => line.trim() !== '' && !/^sep=./i.test(line));
  const header = lines[first];
  if (header === undefined) return { detail: 'The file is empty.' };
  const delimiter = [';', '\t', ','].map((mark) => ({ mark, count: header.split(mark).length })).sort((a, b) => b.count - a.count)[0]?.mark ?? ',';
  const names = (cellsOf(header, delimiter) ?? []).map((name) => name.trim());
  const index = new Map<Column, number>();
  const unknown: string[] = [];
  names.forEach((name, at) => {
    const key = name.toLowerCase().replace(/[\s_-]/g, '');
    const column = columns.find((candidate) => candidate === key) ?? aliases[key];
    if (column !== undefined && !index.has(column)) index.set(column, at);
    else if (name !== '') unknown.push(name.slice(0, 60));
  });
  const missing = (['uid', 'title', 'start'] as const).filter((column) => !index.has(column));
  if (!index.has('duration') && !index.has('end')) return { detail: 'The header has neither a column “duration” nor “end”.' };
  if (missing.length > 0) return { detail: `The header has no column “${missing.join('”, “')}”.` };
  return { line: first + 1, delimiter, index, width: names.length, unknown: unknown.slice(0, 50) };
};

/** Cells may hold line breaks; but where quotation marks do not match, each line is read by itself, so that only the broken one is lost. */
function* rowsOf(text: string, delimiter: string): Generator<Row> {
  try {
    const records = parse(text, { delimiter, info: true, relax_column_count: true, max_record_size: 100_000, record_delimiter: ['\r\n', '\n', '\r'] }) as unknown as { record: string[]; info: { lines: number } }[];
    // `lines` counts up to the record's end: a cell with line breaks is named by its last line.
    for (const { record, info } of records) yield { line: info.lines, cells: record };
  } catch {
    let line = 0;
    for (const each of text.split(/\r\n|\n|\r/)) yield { line: ++line, cells: cellsOf(each, delimiter) };
  }
}

const cellsOf = (line: string, delimiter: string): string[] | undefined => {
  if (line.length > 100_000) return undefined;
  try {
    return (parse(line, { delimiter, relax_column_count: true }) as string[][])[0] ?? [];
  } catch {
    return undefined;
  }
};

type Zones = { school: Zone; named(name: string, line: number): Zone };

const zonesOf = (schoolZone: string, from: Instant, until: Instant): Zones => {
  const school = ianaZone(schoolZone, from, until) ?? utc;
  const known = new Map<string, Zone | undefined>();
  return {
    school,
    named(name, line) {
      if (name === '') return school;
      if (!known.has(name)) known.set(name, ianaZone(windowsZone(name) ?? name, from, until));
      const zone = known.get(name);
      if (!zone) throw new Refusal('unknownZone', `nobody knows the time zone “${name.slice(0, 60)}”`, line);
      return zone;
    },
  };
};

const readRow = (cell: (name: Column) => string, zones: Zones, line: number): { uid: string; instant: Instant; occurrence: Occurrence } => {
  const uid = cell('uid');
  const title = cell('title');
  if (uid === '') throw new Refusal('noUid', 'it has no uid', line);
  if (uid.length > 1_000) throw new Refusal('longUid', 'its uid is longer than 1,000 characters', line);
  if (title === '') throw new Refusal('noTitle', 'it has no title', line);
  if (title.length > 200) throw new Refusal('longTitle', 'its title is longer than 200 characters', line);
  if (`${uid}${title}${cell('group')}`.includes('\uFFFD')) throw new Refusal('damagedText', 'it is not UTF-8', line);
  const zone = zones.named(cell('zone'), line);
  const instant = readTime(cell('start'), zone, line);
  const durationMinutes = cell('duration') === '' ? Math.round((readTime(cell('end'), zone, line) - instant) / 60) : readMinutes(cell('duration'), line);
  if (durationMinutes < 5 || durationMinutes > 720) throw new Refusal('badLength', `it lasts ${durationMinutes} minutes; lessons last 5 to 720`, line);
  const provider = cell('provider').toLowerCase();
  if (provider !== '' && provider !== 'zoom' && provider !== 'none') throw new Refusal('badValue', 'its provider is neither zoom nor none', line);
  const autoRecord = readYesNo(cell('autorecord'), line);
  const teacher = cell('teacher');
  const group = cell('group');
  return {
    uid, instant,
    occurrence: {
      uid, recurrenceId: '', line, title, durationMinutes, ...timeOf(instant, zone, zones.school),
      organizer: teacher === '' ? null : teacher.includes('@') ? teacher.toLowerCase() : teacher,
      attendees: [],
      groups: group === '' ? [] : [group],
      ...(provider === '' ? {} : { provider }),
      ...(autoRecord === undefined ? {} : { autoRecord }),
    },
  };
};

const isoTime = /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)? ?(Z|[+-]\d{2}:?\d{2})?$/i;
/** Day first, as spreadsheets in Europe write it; with slashes it could be the month, so that is refused. */
const dottedTime = /^(\d{1,2})\.(\d{1,2})\.(\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2}))?$/;

const readTime = (text: string, zone: Zone, line: number): Instant => {
  const iso = isoTime.exec(text);
  const dotted = dottedTime.exec(text);
  const [year, month, day, hour, minute] = (iso ? [iso[1], iso[2], iso[3], iso[4], iso[5]] : dotted ? [dotted[3], dotted[2], dotted[1], dotted[4], dotted[5]] : []).map(Number);
  if (year === undefined || month === undefined || day === undefined || hour === undefined || minute === undefined) {
    throw new Refusal('badDate', `“${text.slice(0, 40)}” is no time; write 2026-03-02 18:00`, line);
  }
  const wall: Wall = wallOf(year, month, day, hour, minute);
  const back = new Date(wall * 1000);
  if (year < 1900 || back.getUTCMonth() + 1 !== month || back.getUTCDate() !== day || hour > 23 || minute > 59) throw new Refusal('badDate', `“${text.slice(0, 40)}” does not exist`, line);
  const offset = iso?.[7];
  if (offset === undefined) return zone.toInstant(wall);
  if (/z/i.test(offset)) return wall;
  const sign = offset.startsWith('-') ? -1 : 1;
  return wall - sign * (Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(-2)) * 60);
};

const readMinutes = (text: string, line: number): number => {
  const clock = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (clock) return Number(clock[1]) * 60 + Number(clock[2]);
  if (!/^\d{1,5}$/.test(text)) throw new Refusal('badLength', `“${text.slice(0, 40)}” is no number of minutes`, line);
  return Number(text);
};

const readYesNo = (text: string, line: number): boolean | undefined => {
  const word = text.toLowerCase();
  if (word === '') return undefined;
  if (['true', 'yes', '1'].includes(word)) return true;
  if (['false', 'no', '0'].includes(word)) return false;
  throw new Refusal('badValue', 'its autoRecord is neither true nor false', line);
};
