import { type Cancellation, type Expansion, type ExpansionOutcome, type ExpansionSettings, MAX_REFUSED_LISTED, type Occurrence, type RefusedEntry } from '../expansion.ts';
import { type CalendarFile, calendarName, type Component, readCalendarFile } from './components.ts';
import { plainText } from './contentLines.ts';
import { expandEvents, type SameUid, type Window } from './expandEvents.ts';
import { parseDateValue } from './dateValues.ts';
import { type CalendarEvent, readEvent, uidOf } from './readEvent.ts';
import { type Budget, Refusal } from './refusal.ts';
import { DAY, type Instant, type Wall, wallOf } from './wallTime.ts';
import { type ZoneByName, zonesByName } from './zoneNames.ts';
import { ianaZone, utc } from './zones.ts';

/** Steps per event, and for the whole file (two seconds or so). Daily since 1970 takes 40,000; what needs more than this is no timetable. */
const EVENT_STEPS = 500_000;
const FILE_STEPS = 20_000_000;

/** METHODs that say what lessons there are. Answers to invitations do not. */
const timetables = ['', 'PUBLISH', 'REQUEST', 'ADD', 'CANCEL'];

/**
 * An iCalendar file (RFC 5545) → the lessons between now and the horizon, as the program that wrote it shows them. Pure: the same file
 * and settings give the same answer. A broken event is refused by name and line, and its neighbours go in.
 */
export const expandCalendar = (file: Uint8Array, settings: ExpansionSettings): ExpansionOutcome => {
  const calendar = readCalendarFile(file);
  if (!calendar) return { outcome: 'notACalendar', detail: 'The file has no BEGIN:VCALENDAR.' };
  const property = (name: string) => calendar.lines.find((line) => line.name === name)?.value.trim() ?? '';
  if (property('VERSION') === '1.0') return { outcome: 'notACalendar', detail: 'The file is vCalendar 1.0, not iCalendar (VERSION:2.0).' };
  const method = property('METHOD').toUpperCase();
  if (!timetables.includes(method)) return { outcome: 'notACalendar', detail: `The file is an answer to an invitation (METHOD:${method.slice(0, 40)}), no timetable.` };

  const now = Math.floor(Date.parse(settings.now) / 1000);
  const horizon = now + settings.daysAhead * DAY;
  const from = Math.min(now, wallOf(2000, 1, 1));
  const until = horizon + 400 * DAY;
  const window: Window = { now, horizon, schoolZone: ianaZone(settings.schoolZone, from, until) ?? utc };
  const total: Budget = { left: FILE_STEPS };
  const zoneByName = zonesByName(calendar.zones, from, until, total);

  const { groups, refused, pastDays } = byUid(calendar, zoneByName, window);
  const occurrences: Occurrence[] = [];
  const cancellations: Cancellation[] = [];
  let skippedPast = pastDays;
  for (const [uid, group] of groups) {
    const budget: Budget = { left: Math.min(EVENT_STEPS, total.left) };
    const before = budget.left;
    try {
      const called = method === 'CANCEL' ? calledOff(group) : group;
      const expanded = expandEvents(called, window, settings.maxOccurrences - occurrences.length, budget);
      occurrences.push(...expanded.occurrences);
      cancellations.push(...expanded.cancellations);
      refused.push(...expanded.refused);
      skippedPast += expanded.skippedPast;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const first = group.master ?? group.replacements[0];
      refused.push({ line: error.line ?? first?.line ?? 0, uid, title: first?.title ?? '', reason: error.reason, detail: error.message });
    }
    total.left -= Math.min(before, before - budget.left);
  }
  refused.sort((a, b) => a.line - b.line);
  const notes: string[] = [];
  if (!calendar.complete) notes.push('The file breaks off before its calendar ends: what it does not mention is not taken as vanished.');
  if (refused.length > MAX_REFUSED_LISTED) notes.push(`${refused.length - MAX_REFUSED_LISTED} more entries were refused than are listed.`);
  const expansion: Expansion = {
    calendar: calendarName(calendar) ?? null,
    complete: calendar.complete && method !== 'CANCEL' && method !== 'ADD',
    occurrences, cancellations, skippedPast, notes,
    refused: refused.slice(0, MAX_REFUSED_LISTED), refusedCount: refused.length, refusedUids: [...new Set(refused.map((entry) => entry.uid))],
  };
  return { outcome: 'read', expansion };
};

const calledOff = (group: SameUid): SameUid => ({
  ...group,
  ...(group.master ? { master: { ...group.master, cancelled: true } } : {}),
  replacements: group.replacements.map((event) => ({ ...event, cancelled: true })),
});

type Group = { master?: CalendarEvent; replacements: CalendarEvent[]; brokenReplacements: Broken[] };
type Broken = { instant: Instant; day?: Wall };

const byUid = (calendar: CalendarFile, zoneByName: ZoneByName, window: Window): { groups: Map<string, Group>; refused: RefusedEntry[]; pastDays: number } => {
  const groups = new Map<string, Group>();
  const refused: RefusedEntry[] = [];
  let pastDays = 0;
  const refuse = (component: Component, error: Refusal) => {
    refused.push({ line: error.line ?? component.line, uid: uidIfAny(component), title: titleIfAny(component), reason: error.reason, detail: error.message });
  };
  const masters = new Map<string, CalendarEvent>();
  const replacements = new Map<string, Map<string, CalendarEvent>>();
  const brokenMasters = new Set<string>();
  for (const component of calendar.events) {
    try {
      const event = readEvent(component, zoneByName, window.schoolZone);
      const key = event.replaces ? `${event.replaces.instant}${event.replaces.wholeDay ? 'd' : ''}` : '';
      const rivals = event.replaces ? mapOf(replacements, event.uid) : masters;
      const name = event.replaces ? key : event.uid;
      const rival = rivals.get(name);
      const keep = rival && isNewer(rival, event) ? rival : event;
      if (rival && rival.sequence === event.sequence && rival.stamp === event.stamp) {
        const loser = keep === event ? rival : event;
        refused.push({ line: loser.line, uid: loser.uid, title: loser.title, reason: 'duplicate', detail: `another event in the file has the same UID; the one in line ${keep.line} went in` });
      }
      rivals.set(name, keep);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Old holidays and birthdays are past first, and all-day second.
      if (error.reason === 'allDay' && isOver(component, window.now)) {
        pastDays++;
        continue;
      }
      refuse(component, error);
      const uid = uidIfAny(component);
      if (component.lines.some((line) => line.name === 'RECURRENCE-ID')) groupOf(groups, uid).brokenReplacements.push(...brokenAt(component, zoneByName, window));
      else brokenMasters.add(uid);
    }
  }
  for (const [uid, master] of masters) groupOf(groups, uid).master = master;
  for (const [uid, events] of replacements) {
    // Beside a broken master its moved occurrences would go in alone, and the rest would seem to have vanished.
    if (!masters.has(uid) && brokenMasters.has(uid)) continue;
    groupOf(groups, uid).replacements.push(...events.values());
  }
  return { groups, refused, pastDays };
};

const groupOf = (groups: Map<string, Group>, uid: string): Group => {
  const group = groups.get(uid) ?? { replacements: [], brokenReplacements: [] };
  groups.set(uid, group);
  return group;
};

const mapOf = (maps: Map<string, Map<string, CalendarEvent>>, uid: string): Map<string, CalendarEvent> => {
  const map = maps.get(uid) ?? new Map<string, CalendarEvent>();
  maps.set(uid, map);
  return map;
};

/** RFC 5546, 2.1.5. */
const isNewer = (a: CalendarEvent, b: CalendarEvent): boolean => a.sequence !== b.sequence ? a.sequence > b.sequence : a.stamp > b.stamp;

/** Which occurrence a refused override stood for, as far as that can be read: it must not go in as it was before. */
const brokenAt = (component: Component, zoneByName: ZoneByName, window: Window): Broken[] => {
  const kept = component.lines.filter((line) => ['UID', 'RECURRENCE-ID'].includes(line.name));
  const id = kept.find((line) => line.name === 'RECURRENCE-ID');
  if (!id) return [];
  try {
    const value = parseDateValue(id.value);
    if (value.kind === 'date') return [{ instant: NaN, day: value.wall }];
    const { replaces } = readEvent({ name: 'VEVENT', line: component.line, children: [], lines: [...kept, { ...id, name: 'DTSTART' }] }, zoneByName, window.schoolZone);
    return replaces ? [{ instant: replaces.instant }] : [];
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
};

const isOver = (component: Component, now: Instant): boolean => {
  if (component.lines.some(({ name }) => name === 'RRULE' || name === 'RDATE')) return false;
  const starts = component.lines.find(({ name }) => name === 'DTSTART');
  return starts !== undefined && parseDateValue(starts.value).wall + 2 * DAY < now;
};

const uidIfAny = (component: Component): string => {
  try {
    return uidOf(component);
  } catch {
    return '';
  }
};

const titleIfAny = (component: Component): string => plainText(component.lines.find((line) => line.name === 'SUMMARY')?.value.slice(0, 400) ?? '').slice(0, 200);
