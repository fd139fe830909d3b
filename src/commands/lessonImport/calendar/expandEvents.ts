import type { Cancellation, Occurrence, RefusedEntry } from '../expansion.ts';
import { originalsOf, recurrenceIds, tooMany } from './originals.ts';
import type { CalendarEvent } from './readEvent.ts';
import { type Budget, Refusal } from './refusal.ts';
import { type Instant, type Wall, civilOf, instantText, localText, midnight } from './wallTime.ts';
import type { Zone } from './zones.ts';

export type Window = { now: Instant; horizon: Instant; schoolZone: Zone };

export type Expanded = { occurrences: Occurrence[]; cancellations: Cancellation[]; refused: RefusedEntry[]; skippedPast: number };

/** What the events of one UID come to. `brokenReplacements`: overrides that were refused; their occurrences must not go in as they were before. */
export type SameUid = { master?: CalendarEvent; replacements: readonly CalendarEvent[]; brokenReplacements: readonly { instant: Instant; day?: Wall }[] };

/** @throws Refusal for the event as a whole. `atMost`: how many occurrences the file may still bring. */
export const expandEvents = ({ master, replacements, brokenReplacements }: SameUid, window: Window, atMost: number, budget: Budget): Expanded => {
  const result: Expanded = { occurrences: [], cancellations: [], refused: [], skippedPast: 0 };
  const first = master ?? replacements[0];
  if (!first) return result;
  if (master?.cancelled) {
    result.cancellations.push({ uid: master.uid, recurrenceId: null, line: master.line });
    return result;
  }
  const originals = master ? originalsOf(master, window.now, window.horizon, atMost, budget) : { all: [], excepted: () => false };
  const repeats = !master || originals.all.length > 1 || master.rules.length > 0 || master.extra.length > 0 || replacements.length > 0;
  const single = new Map<Instant, CalendarEvent>();
  const ofDay = new Map<Wall, CalendarEvent>();
  const following: CalendarEvent[] = [];
  for (const event of replacements) {
    if (!event.replaces) continue;
    if (event.replaces.following) following.push(event);
    if (event.replaces.wholeDay) ofDay.set(midnight(event.replaces.wall), event);
    else single.set(event.replaces.instant, event);
  }
  following.sort((a, b) => (a.replaces?.instant ?? 0) - (b.replaces?.instant ?? 0));
  const broken = new Set(brokenReplacements.map(({ instant }) => instant));
  const brokenDays = new Set(brokenReplacements.flatMap(({ day }) => (day === undefined ? [] : [day])));

  const zone = first.zone;
  const used = new Set<CalendarEvent>();
  const places: Place[] = [];
  for (const { wall, length } of originals.all) {
    if (!master) break;
    const instant = zone.toInstant(wall);
    const own = single.get(instant) ?? ofDay.get(midnight(wall));
    if (own && !used.has(own)) {
      used.add(own);
      places.push({ original: wall, event: own, start: own.start, length: own.length });
      continue;
    }
    if (broken.has(instant) || brokenDays.has(midnight(wall)) || originals.excepted(wall)) {
      places.push({ original: wall });
      continue;
    }
    const range = following.findLast((event) => (event.replaces?.instant ?? Infinity) <= instant);
    if (!range?.replaces) places.push({ original: wall, event: master, start: wall, length: length ?? master.length });
    // Moved by as much as its first one was, on the wall: 18:00 → 19:00 stays 19:00 in summer and winter.
    else places.push({ original: wall, event: range, start: range.start + (range.zone.toWall(instant) - range.zone.toWall(range.replaces.instant)), length: range.length });
  }
  // An occurrence that was moved or invited to alone, without (or outside) its master's rules: programs show it, so it counts.
  for (const event of replacements) {
    if (event.replaces && !used.has(event)) places.push({ original: zone.toWall(event.replaces.instant), event, start: event.start, length: event.length });
  }
  places.sort((a, b) => a.original - b.original);
  const names = repeats ? recurrenceIds(places.map(({ original }) => original)) : undefined;

  const refusedOf = new Set<CalendarEvent>();
  for (const place of places) {
    const { event } = place;
    if (!event) continue;
    const recurrenceId = names?.get(place.original) ?? '';
    if (event.cancelled) {
      result.cancellations.push({ uid: event.uid, recurrenceId, line: event.line });
      continue;
    }
    const starts = event.zone.toInstant(place.start);
    if (starts < window.now) {
      result.skippedPast++;
      continue;
    }
    if (starts > window.horizon || refusedOf.has(event)) continue;
    try {
      result.occurrences.push({ uid: event.uid, recurrenceId, ...lessonOf(event, first, place.length), ...timeOf(starts, event.zone, window.schoolZone) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (event === master) throw error;
      refusedOf.add(event);
      result.refused.push({ line: error.line ?? event.line, uid: event.uid, recurrenceId, title: event.title, reason: error.reason, detail: error.message });
    }
    if (result.occurrences.length > atMost) throw tooMany(atMost, first.line);
  }
  return result;
};

/** Without `event`: nothing takes place there. */
type Place = { original: Wall } & ({ event: CalendarEvent; start: Wall; length: number } | { event?: undefined });

/** What an override leaves out, its series says. */
const lessonOf = (event: CalendarEvent, first: CalendarEvent, length: number) => {
  const title = event.title === '' ? first.title : event.title;
  if (title === '') throw new Refusal('noTitle', 'it has no title (SUMMARY)', event.line);
  if (title.length > 200) throw new Refusal('longTitle', 'its title is longer than 200 characters', event.line);
  const durationMinutes = Math.round(length / 60);
  if (length === 0) throw new Refusal('badLength', 'it has no end', event.line);
  if (durationMinutes < 5 || durationMinutes > 720) {
    throw new Refusal('badLength', length < 0 ? 'it ends before it begins' : `it lasts ${durationMinutes} minutes; lessons last 5 to 720`, event.line);
  }
  const provider = event.provider ?? first.provider;
  const autoRecord = event.autoRecord ?? first.autoRecord;
  return {
    line: event.line, title, durationMinutes,
    organizer: event.organizer ?? first.organizer,
    attendees: event.attendees.length > 0 ? event.attendees : first.attendees,
    groups: event.groups.length > 0 ? event.groups : first.groups,
    ...(provider === undefined ? {} : { provider }),
    ...(autoRecord === undefined ? {} : { autoRecord }),
  };
};

/** In the event's own zone where it has a name; what was written in UTC, or by rules that only the file knows, is put on the school's clock. */
export const timeOf = (exact: Instant, eventZone: Zone, schoolZone: Zone): Pick<Occurrence, 'localStart' | 'zone' | 'startsAt'> => {
  const instant = exact - civilOf(exact).second;
  const named = eventZone.iana !== null && !/^(etc\/)?(utc|gmt|uct|zulu|universal|greenwich)$/i.test(eventZone.iana);
  const zone = named ? eventZone : schoolZone;
  const wall = zone.toWall(instant);
  // The second pass of an hour that the clock repeats cannot be said in wall time.
  if (zone.toInstant(wall) !== instant || zone.iana === null) return { localStart: localText(instant), zone: 'UTC', startsAt: instantText(instant) };
  return { localStart: localText(wall), zone: zone.iana, startsAt: instantText(instant) };
};
