import { z } from 'zod';

const id = z.string().max(200);
const instant = z.iso.datetime();

const lease = z.strictObject({ leaseId: id, holder: id.describe('A lesson\'s id, or a name for another use.'), acquiredAt: instant, until: instant.describe('Planned end.'), overranAt: instant.nullable() });
export const reservationView = z.strictObject({ reservationId: id, holder: id, from: instant, until: instant });

export const zoomAccountView = z.strictObject({
  id, revision: z.int(), zoomUser: z.string().max(1000), capacity: z.int(), credentialsRef: z.string().max(200), cloudRecording: z.boolean(),
  enabled: z.boolean(), disabledReason: z.string().max(4000).nullable(),
  available: z.boolean().describe('Enabled, and a meeting more could run now.'),
  currentMeetings: z.array(lease).max(1000),
  nextReservation: reservationView.nullable(),
  utilization: z.strictObject({ meetings: z.int(), capacity: z.int(), percent: z.number() }),
  reservationsToday: z.int(),
});

export const calendarEntry = reservationView.extend({ released: z.boolean() });

export const freeAccount = z.strictObject({ id, capacity: z.int(), cloudRecording: z.boolean(), free: z.int().describe('Meetings that still fit at every moment of that time.') });

export const whatIfView = z.strictObject({
  accounts: z.int(), capacity: z.int(), from: instant, to: instant,
  asked: z.int().describe('Times that a lesson asked for a place.'), placed: z.int(),
  refusals: z.int(), refused: z.array(z.strictObject({ lessonId: id, from: instant, until: instant })).max(200).describe('The first 200.'),
  peak: z.strictObject({ meetings: z.int(), at: instant.nullable() }), accountsUsed: z.int(),
});
