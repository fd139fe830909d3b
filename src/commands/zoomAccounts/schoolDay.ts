const quarter = 15 * 60_000;
const mostRemembered = 50_000;

/**
 * The day (20260302) that an instant falls on in a zone. Offsets change at quarter hours, so a quarter's answer is remembered.
 * @param zone IANA
 */
export function schoolDays(zone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'iso8601', numberingSystem: 'latn' });
  const known = new Map<number, number>();
  return (ms) => {
    const block = Math.floor(ms / quarter);
    let day = known.get(block);
    if (day === undefined) {
      day = Number(format.format(block * quarter).replace(/\D/g, ''));
      if (known.size >= mostRemembered) known.clear();
      known.set(block, day);
    }
    return day;
  };
}
