import { z } from 'zod';

/** Fields that requests share, as strict as commands need them. */
export const idField = z.string().min(1).max(200).regex(/^[A-Za-z0-9][A-Za-z0-9._:@+-]*$/, 'letters, digits and . _ : @ + -');
export const idParams = z.strictObject({ id: idField });
/** What Postgres reads too: a year of four digits after any arithmetic of ours, and less than 16 hours from UTC. */
const isReadable = (text: string): boolean => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1900 && year < 3000 && !/[+-](1[6-9]|2\d):\d\d$/.test(text);
};
export const instantField = z.iso.datetime({ offset: true }).max(40).refine(isReadable, 'from 1900 to 2999, less than 16 hours from UTC').describe('RFC 3339, e.g. 2026-03-02T17:00:00Z.');
export const localTimeField = z.string().max(16).regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, 'a wall time such as 2026-03-02T18:00').describe('Wall time without a zone, to the minute: 2026-03-02T18:00.');
export const zoneField = z.string().min(1).max(100).describe('IANA time zone, e.g. Europe/Kyiv.');
export const reasonField = z.string().trim().min(1).max(500);

export const ifMatchOf = ({ ifMatch }: { ifMatch?: number }): { ifMatch?: number } => (ifMatch === undefined ? {} : { ifMatch });

/** Leaves out what was not given, as exact optional properties want it. */
export const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
