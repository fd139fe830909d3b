const zone = 'Europe/Kyiv';
const day = 86_400_000;
/** As many as the accounts take at once: four with one place, four with two. */
const atOnce = 12;

export type SchoolTimetable = {
  /** iCalendar: weekly series, from the day after `now` on. */
  file: string;
  /** Bodies of the commands that the school needs before. */
  people: { personId: string; name: string; email: string; role: string; timeZone: string }[];
  groups: string[];
  accounts: { accountId: string; zoomUser: string; capacity: number; credentialsRef: string; cloudRecording: boolean }[];
  /** Wall time of every lesson that the file means, worked out without reading it. */
  localStarts: string[];
};

/**
 * A school of eight accounts, and a timetable of 500 lessons that fills them to the last place; as many teachers and groups as have
 * lessons on one day. With 100 series no lesson is within three hours of the time of day that it is now, so nothing comes within reach
 * while a test looks.
 * @param now milliseconds since 1970
 */
export function schoolTimetable(now: number, { series = 100, weeks = 5 } = {}): SchoolTimetable {
  const [date = '', time = ''] = new Date(now).toLocaleString('sv-SE', { timeZone: zone }).split(' ');
  const hour = Number(time.slice(0, 2));
  const firstSlot = hour >= 6 && hour < 14 ? 17 : 9;
  const dateAfter = (days: number) => new Date(Date.parse(date) + days * day).toISOString().slice(0, 10);
  const all = Array.from({ length: series }, (_, n) => {
    const place = Math.floor(n / 7);
    return { n, place, inDays: 1 + (n % 7), clock: `${String(firstSlot + 2 * Math.floor(place / atOnce)).padStart(2, '0')}:00` };
  });
  const places = [...new Set(all.map(({ place }) => place))];
  return {
    file: [
      'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Lectern//test//EN', 'X-WR-CALNAME:Timetable',
      ...all.flatMap(({ n, place, inDays, clock }) => [
        'BEGIN:VEVENT', `UID:series-${n}@school.example`, `SUMMARY:Series ${n}`,
        `DTSTART;TZID=${zone}:${dateAfter(inDays).replaceAll('-', '')}T${clock.replace(':', '')}00`, 'DURATION:PT45M', `RRULE:FREQ=WEEKLY;COUNT=${weeks}`,
        `ORGANIZER:mailto:teacher${place}@school.example`, `CATEGORIES:Group ${place}`, 'END:VEVENT',
      ]),
      'END:VCALENDAR', '',
    ].join('\r\n'),
    people: places.map((place) => ({ personId: `teacher${place}`, name: `Teacher ${place}`, email: `teacher${place}@school.example`, role: 'teacher', timeZone: zone })),
    groups: places.map((place) => `Group ${place}`),
    accounts: Array.from({ length: 8 }, (_, n) => ({ accountId: `zoom${n}`, zoomUser: `zoom${n}@school.example`, capacity: n < 4 ? 1 : 2, credentialsRef: 'default', cloudRecording: false })),
    localStarts: all.flatMap(({ inDays, clock }) => Array.from({ length: weeks }, (_, week) => `${dateAfter(inDays + 7 * week)}T${clock}`)),
  };
}
