import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id, instant } from '../kernel/fields.ts';

/**
 * A calendar with a capacity: a Zoom account's (its licence's) and a teacher's agenda (1). Both write these events, each into
 * its own stream (`zoomAccount-<id>`, `teacherAgenda-<personId>`). Intervals are half open: [from, until).
 */
export const calendarEvents = {
  /**
   * `holder` is what the place is for (a lesson id); `reservationId` names this interval of it: while a lesson moves it holds two.
   * `reservedAt` is also the calendar's clock: what ended more than a day before it is dropped from the state.
   */
  PlaceReserved: eventType(
    z.object({ reservationId: id, holder: id, from: instant, until: instant, reservedAt: instant, override: z.object({ reason: z.string() }).optional() }),
  ),
  PlaceReleased: eventType(z.object({ reservationId: id, holder: id, releasedAt: instant, reason: z.string() })),
  /** Actual use, from start to release. `until` is the planned end. */
  LeaseAcquired: eventType(z.object({ leaseId: id, holder: id, acquiredAt: instant, until: instant })),
  LeaseReleased: eventType(z.object({ leaseId: id, holder: id, releasedAt: instant, reason: z.string() })),
  /** Past its end and grace, yet the vendor reports the meeting live. `threatens`: the holders of the next reservations for whom no place is left. */
  LeaseOverran: eventType(z.object({ leaseId: id, holder: id, observedAt: instant, threatens: z.array(id) })),
};

export type CalendarEventTypes = typeof calendarEvents;
