import type { Component } from './components.ts';
import { type Budget, Refusal } from './refusal.ts';
import { zoneFromRules } from './vtimezone.ts';
import { windowsZone } from './windowsZones.ts';
import type { Instant } from './wallTime.ts';
import { ianaZone, utc, type Zone, zoneOf } from './zones.ts';

/** @throws Refusal `unknownZone` */
export type ZoneByName = (tzid: string, line: number) => Zone;

/**
 * What a TZID means. Names that the world knows go first, with the world's rules (IANA, also behind the prefixes of
 * Thunderbird and Evolution, then Windows); then the file's own VTIMEZONE; then a bare offset. Abbreviations (`EST`, `CET`) mean
 * different things to different programs: there the file's own rules go first.
 */
export const zonesByName = (definitions: readonly Component[], from: Instant, until: Instant, budget: Budget): ZoneByName => {
  const ownRules = new Map<string, Component>();
  for (const definition of definitions) {
    const tzid = definition.lines.find((line) => line.name === 'TZID')?.value.trim();
    if (tzid !== undefined && !ownRules.has(tzid)) ownRules.set(tzid, definition);
  }
  const found = new Map<string, Zone | Refusal>();
  const known = (tzid: string): Zone | undefined => {
    const segments = tzid.split('/').filter((segment) => segment !== '');
    if (segments.length < 2) return undefined;
    // `/mozilla.org/20050126_1/America/Argentina/Buenos_Aires`: the name is in the last two or three segments.
    const tails = tzid.startsWith('/') ? [3, 2].map((n) => segments.slice(-n).join('/')) : [tzid];
    for (const tail of tails) {
      const zone = tail.toLowerCase().endsWith('microsoft/utc') ? utc : ianaZone(tail, from, until);
      if (zone) return zone;
    }
    return undefined;
  };
  const look = (tzid: string, line: number): Zone => {
    const windows = windowsZone(tzid);
    const definition = ownRules.get(tzid);
    const zone = known(tzid)
      ?? (windows === undefined ? undefined : ianaZone(windows, from, until))
      ?? (definition ? zoneFromRules(definition, from, until, budget) : undefined)
      ?? ianaZone(tzid, from, until)
      ?? fixedOffset(tzid);
    if (!zone) throw new Refusal('unknownZone', `nobody knows the time zone “${tzid.slice(0, 60)}”, and the file does not define it`, line);
    return zone;
  };
  return (raw, line) => {
    const tzid = raw.trim();
    const before = found.get(tzid);
    if (before instanceof Refusal) throw new Refusal(before.reason, before.message, line);
    if (before) return before;
    try {
      const zone = look(tzid, line);
      found.set(tzid, zone);
      return zone;
    } catch (error) {
      if (error instanceof Refusal) found.set(tzid, error);
      throw error;
    }
  };
};

/** `GMT+2`, `UTC+02:00`, `+0200`: east of Greenwich is plus, as people write it (IANA's Etc/GMT names, the other way round, are taken before). */
const fixedOffset = (tzid: string): Zone | undefined => {
  const match = /^(?:UTC|GMT)? ?([+-])(\d{1,2}):?(\d{2})?$/i.exec(tzid);
  const hours = Number(match?.[2]);
  const minutes = Number(match?.[3] ?? 0);
  if (!match || hours > 14 || minutes > 59) return undefined;
  return zoneOf(null, (match[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60), []);
};
