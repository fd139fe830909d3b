import { type Budget, spend } from './refusal.ts';
import type { Rule } from './recurrenceRule.ts';
import { type Civil, DAY, type Wall, civilOf, daysInMonth, daysInYear, midnight, wallOf, weekdayOf } from './wallTime.ts';

/**
 * The wall times of one rule, ascending, from `start` (which counts only where the rule itself gives it). Works on wall
 * times alone, so that 18:00 stays 18:00; COUNT and UNTIL are the caller's business, since both depend on more than the rule. Ends
 * after `last`. Periods (RFC 5545, 3.3.10) are walked one by one; a period's days are those that pass every BYxxx filter, with the
 * parts that the rule leaves out taken from `start`; times are then the product of hours, minutes and seconds.
 */
export function* ruleOccurrences(rule: Rule, start: Wall, last: Wall, budget: Budget): Generator<Wall> {
  const filled = fillIn(rule, civilOf(start));
  const passes = dayFilter(filled);
  for (const period of periods(filled, start, last, budget)) {
    const found = rule.bySetPos ? positions(occurrencesIn(filled, period, passes, budget), rule.bySetPos) : occurrencesIn(filled, period, passes, budget);
    for (const wall of found) {
      if (wall > last) return;
      if (wall >= start) yield wall;
    }
  }
}

/** [from, until) in days, and the times of those days: a sub-daily period is one day with few times. */
type Period = { from: Wall; until: Wall; hours: readonly number[]; minutes: readonly number[]; seconds: readonly number[] };
type Filled = Rule & { hours: readonly number[]; minutes: readonly number[]; seconds: readonly number[] };

/** "Information not contained in the rule is derived from DTSTART." */
const fillIn = (rule: Rule, start: Civil): Filled => {
  const times = { hours: rule.byHour ?? [start.hour], minutes: rule.byMinute ?? [start.minute], seconds: rule.bySecond?.map((s) => Math.min(s, 59)) ?? [start.second] };
  const noDay = !rule.byDay && !rule.byMonthDay && !rule.byYearDay;
  const weekday = [{ nth: 0, weekday: weekdayOf(wallOf(start.year, start.month, start.day)) }];
  if (rule.freq === 'YEARLY' && noDay && rule.byWeekNo) return { ...rule, ...times, byDay: weekday };
  if (rule.freq === 'YEARLY' && noDay) return { ...rule, ...times, byMonthDay: [start.day], byMonth: rule.byMonth ?? [start.month] };
  if (rule.freq === 'MONTHLY' && noDay) return { ...rule, ...times, byMonthDay: [start.day] };
  if (rule.freq === 'WEEKLY' && noDay) return { ...rule, ...times, byDay: weekday };
  return { ...rule, ...times };
};

function* periods(rule: Filled, start: Wall, last: Wall, budget: Budget): Generator<Period> {
  const { year, month } = civilOf(start);
  const day = midnight(start);
  const whole = { hours: rule.hours, minutes: rule.minutes, seconds: rule.seconds };
  const n = rule.interval;
  for (let k = 0; ; k += n) {
    spend(budget, 1);
    let period: Period;
    switch (rule.freq) {
      case 'YEARLY':
        period = { from: wallOf(year + k, 1, 1), until: wallOf(year + k + 1, 1, 1), ...whole };
        break;
      case 'MONTHLY':
        period = { from: wallOf(year, month + k, 1), until: wallOf(year, month + k + 1, 1), ...whole };
        break;
      case 'WEEKLY': {
        const from = day - ((weekdayOf(day) - rule.wkst + 7) % 7) * DAY + k * 7 * DAY;
        period = { from, until: from + 7 * DAY, ...whole };
        break;
      }
      case 'DAILY':
        period = { from: day + k * DAY, until: day + (k + 1) * DAY, ...whole };
        break;
      case 'HOURLY':
      case 'MINUTELY':
      case 'SECONDLY': {
        const unit = rule.freq === 'HOURLY' ? 3600 : rule.freq === 'MINUTELY' ? 60 : 1;
        const at = Math.floor(start / unit) * unit + k * unit;
        const from = midnight(at);
        const time = at - from;
        const [hour, minute, second] = [Math.floor(time / 3600), Math.floor((time % 3600) / 60), time % 60];
        period = {
          from, until: from + DAY,
          hours: !rule.byHour || rule.byHour.includes(hour) ? [hour] : [],
          minutes: rule.freq === 'HOURLY' ? rule.minutes : !rule.byMinute || rule.byMinute.includes(minute) ? [minute] : [],
          seconds: rule.freq !== 'SECONDLY' ? rule.seconds : !rule.bySecond || rule.bySecond.includes(second) ? [second] : [],
        };
        // The period itself is the unit, not the day: it ends the walk when it lies past the last.
        if (at > last) return;
      }
    }
    if (!(period.from <= last)) return; // also ends on dates past the calendar's end (NaN)
    yield period;
  }
}

function* occurrencesIn(rule: Filled, period: Period, passes: (day: Wall) => boolean, budget: Budget): Generator<Wall> {
  if (period.hours.length === 0 || period.minutes.length === 0 || period.seconds.length === 0) return;
  const firstDay = rule.freq === 'YEARLY' && rule.byMonth?.length === 1 && !rule.byWeekNo ? onlyMonth(period.from, rule.byMonth[0] ?? 1) : period;
  for (let day = firstDay.from; day < firstDay.until; day += DAY) {
    spend(budget, 1);
    if (!passes(day)) continue;
    for (const hour of period.hours) {
      for (const minute of period.minutes) {
        for (const second of period.seconds) {
          spend(budget, 1);
          yield day + hour * 3600 + minute * 60 + second;
        }
      }
    }
  }
}

const onlyMonth = (yearStart: Wall, month: number): { from: Wall; until: Wall } => {
  const { year } = civilOf(yearStart);
  return { from: wallOf(year, month, 1), until: wallOf(year, month + 1, 1) };
};

function positions(walls: Iterable<Wall>, bySetPos: readonly number[]): Wall[] {
  const all = [...walls];
  const chosen = bySetPos.map((position) => all[position > 0 ? position - 1 : all.length + position]);
  return [...new Set(chosen)].filter((wall) => wall !== undefined).sort((a, b) => a - b);
}

const dayFilter = (rule: Rule): ((day: Wall) => boolean) => {
  const months = rule.byMonth && new Set(rule.byMonth);
  const monthDays = rule.byMonthDay && new Set(rule.byMonthDay);
  const yearDays = rule.byYearDay && new Set(rule.byYearDay);
  const weeks = rule.byWeekNo && rule.freq === 'YEARLY' ? new Set(rule.byWeekNo) : undefined;
  const { byDay } = rule;
  // A numbered weekday (2TU, -1FR) counts in the month or the year; elsewhere RFC 5545 forbids the number, and programs pass over it.
  const within = rule.freq === 'MONTHLY' || (rule.freq === 'YEARLY' && rule.byMonth) ? 'month' : rule.freq === 'YEARLY' && !weeks ? 'year' : 'none';
  const onlyWeekdays = !months && !monthDays && !yearDays && !weeks && (within === 'none' || !byDay?.some(({ nth }) => nth !== 0));
  const weekdays = new Set(byDay?.map(({ weekday }) => weekday));
  if (onlyWeekdays) return byDay ? (day) => weekdays.has(weekdayOf(day)) : () => true;
  return (day) => {
    const { year, month, day: monthDay } = civilOf(day);
    if (months && !months.has(month)) return false;
    if (monthDays && !monthDays.has(monthDay) && !monthDays.has(monthDay - daysInMonth(year, month) - 1)) return false;
    const yearDay = (day - wallOf(year, 1, 1)) / DAY + 1;
    if (yearDays && !yearDays.has(yearDay) && !yearDays.has(yearDay - daysInYear(year) - 1)) return false;
    if (weeks) {
      const { week, weeksInYear } = weekOf(day, rule.wkst);
      if (!weeks.has(week) && !weeks.has(week - weeksInYear - 1)) return false;
    }
    if (!byDay) return true;
    const weekday = weekdayOf(day);
    const [ordinal, length] = within === 'month' ? [monthDay, daysInMonth(year, month)] : [yearDay, daysInYear(year)];
    return byDay.some(({ nth, weekday: wanted }) => {
      if (wanted !== weekday) return false;
      if (nth === 0 || within === 'none') return true;
      return nth > 0 ? Math.ceil(ordinal / 7) === nth : Math.ceil((length - ordinal + 1) / 7) === -nth;
    });
  };
};

/** Week numbers as in RFC 5545: week 1 is the first with at least four of its days in the year, weeks begin on `wkst`. */
const weekOf = (day: Wall, wkst: number): { week: number; weeksInYear: number } => {
  const { year } = civilOf(day);
  const first = [firstWeek(year, wkst), firstWeek(year + 1, wkst)] as const;
  if (day < first[0]) return { week: Math.floor((day - firstWeek(year - 1, wkst)) / (7 * DAY)) + 1, weeksInYear: (first[0] - firstWeek(year - 1, wkst)) / (7 * DAY) };
  if (day >= first[1]) return { week: 1, weeksInYear: (firstWeek(year + 2, wkst) - first[1]) / (7 * DAY) };
  return { week: Math.floor((day - first[0]) / (7 * DAY)) + 1, weeksInYear: (first[1] - first[0]) / (7 * DAY) };
};

const firstWeek = (year: number, wkst: number): Wall => {
  const fourth = wallOf(year, 1, 4);
  return fourth - ((weekdayOf(fourth) - wkst + 7) % 7) * DAY;
};
