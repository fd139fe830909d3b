import type { CalendarEvent } from './readEvent.ts';
import { type Budget, Refusal } from './refusal.ts';
import type { Rule } from './recurrenceRule.ts';
import { ruleOccurrences } from './ruleOccurrences.ts';
import { DAY, type Instant, type Wall, dateText, midnight } from './wallTime.ts';

export type Originals = {
  /** Where the rules put the event, ascending, exceptions included; `length` where an RDATE brings its own. */
  all: readonly { wall: Wall; length?: number }[];
  excepted(wall: Wall): boolean;
};

/**
 * Where an event would take place if nothing had been moved: DTSTART, which every calendar program shows, the rules, the RDATEs. Not past
 * `horizon`. @throws Refusal when there are more than `atMost` from `now` on, or the rules cost too much to work out
 */
export const originalsOf = (event: CalendarEvent, now: Instant, horizon: Instant, atMost: number, budget: Budget): Originals => {
  const last = event.zone.toWall(horizon) + DAY;
  const nowWall = event.zone.toWall(now);
  const lengths = new Map<Wall, number | undefined>([[event.start, undefined]]);
  let upcoming = 0;
  const add = (wall: Wall) => {
    if (lengths.has(wall)) return;
    lengths.set(wall, undefined);
    // Exceptions may still thin them out, but a lesson's exceptions are few.
    if (wall >= nowWall && ++upcoming > 2 * atMost) throw tooMany(atMost, event.line);
  };
  const dtstartCounts = event.rules.length === 1;
  for (const rule of event.rules) for (const wall of bounded(rule, event, last, dtstartCounts, budget)) add(wall);
  for (const { wall, length } of event.extra) {
    if (wall > last) continue;
    add(wall);
    if (length !== undefined) lengths.set(wall, length);
  }
  const exceptedByRule = new Set<Wall>();
  for (const rule of event.exceptRules) for (const wall of bounded(rule, event, last, false, budget)) exceptedByRule.add(wall);
  const { instants, walls, days } = event.except;
  return {
    all: [...lengths].map(([wall, length]) => (length === undefined ? { wall } : { wall, length })).sort((a, b) => a.wall - b.wall),
    excepted: (wall) => walls.has(wall) || days.has(midnight(wall)) || exceptedByRule.has(wall) || instants.has(event.zone.toInstant(wall)),
  };
};

export const tooMany = (atMost: number, line: number): Refusal =>
  new Refusal('tooManyOccurrences', `it repeats too often: a file may bring ${atMost} lessons in all`, line);

/** A rule with its COUNT and UNTIL. DTSTART "always counts as the first occurrence", also where the rule would not have put it. */
function* bounded(rule: Rule, event: CalendarEvent, last: Wall, dtstartCounts: boolean, budget: Budget): Generator<Wall> {
  let count = 0;
  for (const wall of ruleOccurrences(rule, event.start, last, budget)) {
    if (count === 0 && dtstartCounts && wall !== event.start) count = 1;
    if (rule.count !== undefined && count >= rule.count) return;
    if (rule.until && isPast(rule.until, wall, event)) return;
    count++;
    yield wall;
  }
}

/** UNTIL is inclusive. In UTC it is an instant; without Z, as some programs write it, it is on the event's own clock; a date is that whole day. */
const isPast = (until: NonNullable<Rule['until']>, wall: Wall, { zone }: CalendarEvent): boolean => {
  switch (until.kind) {
    case 'utc':
      return zone.toInstant(wall) > until.wall;
    case 'local':
      return wall > until.wall;
    case 'date':
      return midnight(wall) > until.wall;
  }
};

/** Names for the places of a repeating event: the date, and from the second of a day on its number. `walls` ascending. */
export const recurrenceIds = (walls: readonly Wall[]): ReadonlyMap<Wall, string> => {
  const names = new Map<Wall, string>();
  let day = NaN;
  let ofDay = 0;
  for (const wall of walls) {
    ofDay = midnight(wall) === day ? ofDay + 1 : 1;
    day = midnight(wall);
    names.set(wall, ofDay === 1 ? dateText(wall) : `${dateText(wall)}.${ofDay}`);
  }
  return names;
};
