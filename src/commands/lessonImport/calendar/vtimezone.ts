import type { Component } from './components.ts';
import { parseDateValue, parseOffset } from './dateValues.ts';
import { type Budget, Refusal } from './refusal.ts';
import { parseRule, type Rule } from './recurrenceRule.ts';
import { ruleOccurrences } from './ruleOccurrences.ts';
import { type Instant, type Wall, civilOf, wallOf } from './wallTime.ts';
import { type Transition, type Zone, zoneOf } from './zones.ts';

/** Clocks change twice a year; a definition that asks for more steps than this is none. */
const ZONE_STEPS = 200_000;

/** A zone from its own rules (RFC 5545, 3.6.5), exact between the two instants. @throws Refusal when the definition cannot be read */
export const zoneFromRules = (definition: Component, from: Instant, until: Instant, total: Budget): Zone => {
  const budget: Budget = { left: Math.min(ZONE_STEPS, total.left) };
  total.left -= budget.left;
  const zone = readRules(definition, from, until, budget);
  total.left += budget.left;
  return zone;
};

const readRules = (definition: Component, from: Instant, until: Instant, budget: Budget): Zone => {
  const transitions: Transition[] = [];
  for (const observance of definition.children) {
    if (observance.name !== 'STANDARD' && observance.name !== 'DAYLIGHT') continue;
    const value = (name: string): string | undefined => observance.lines.find((line) => line.name === name)?.value;
    const offsetFrom = parseOffset(value('TZOFFSETFROM') ?? '');
    const offsetTo = parseOffset(value('TZOFFSETTO') ?? '');
    const onset = value('DTSTART');
    if (offsetFrom === undefined || offsetTo === undefined || onset === undefined) throw new Refusal('unknownZone', 'its time zone is defined without offsets', observance.line);
    const start = parseDateValue(onset, observance.line).wall;
    // Onsets are wall times by the clock before the change.
    const add = (wall: Wall) => transitions.push({ at: wall - offsetFrom, from: offsetFrom, to: offsetTo });
    add(start);
    for (const line of observance.lines) {
      if (line.name === 'RDATE') for (const item of line.value.split(',')) add(parseDateValue(item, line.number).wall);
      if (line.name === 'RRULE') for (const wall of onsets(parseRule(line.value, line.number), start, offsetFrom, from, until, budget)) add(wall);
    }
  }
  if (transitions.length === 0) throw new Refusal('unknownZone', 'its time zone is defined without rules', definition.line);
  transitions.sort((a, b) => a.at - b.at);
  return zoneOf(null, transitions[0]?.from ?? 0, transitions);
};

function* onsets(rule: Rule, start: Wall, offsetFrom: number, from: Instant, until: Instant, budget: Budget): Generator<Wall> {
  // Exchange begins its rules in 1601: without a COUNT the centuries before the window need no walking.
  const skipped = rule.count === undefined && rule.freq === 'YEARLY' && start < from ? sameDayIn(start, civilOf(from).year - 1, rule.interval) : start;
  let count = 0;
  for (const wall of ruleOccurrences(rule, skipped, until + offsetFrom, budget)) {
    if (rule.until && (rule.until.kind === 'utc' ? wall - offsetFrom > rule.until.wall : wall > rule.until.wall + (rule.until.kind === 'date' ? 86_399 : 0))) return;
    if (rule.count !== undefined && ++count > rule.count) return;
    yield wall;
  }
}

/** The start, moved on by whole intervals of years to `year` or shortly before; the day is kept where it exists. */
const sameDayIn = (start: Wall, year: number, interval: number): Wall => {
  const { year: startYear, month, day, hour, minute, second } = civilOf(start);
  const years = Math.max(0, Math.floor((year - startYear) / interval) * interval);
  return wallOf(startYear + years, month, Math.min(day, 28), hour, minute, second);
};
