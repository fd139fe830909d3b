import { z } from 'zod';
import { calendarEvents } from '../calendar/events.ts';
import { eventType } from '../kernel/eventType.ts';
import { id } from '../kernel/fields.ts';

/** Stream `zoomAccount-<accountId>`. */
export const zoomAccountEvents = {
  ...calendarEvents,
  ZoomAccountRegistered: eventType(
    z.object({ accountId: id, zoomUser: z.string(), capacity: z.int().min(1), credentialsRef: z.string(), cloudRecording: z.boolean() }),
    { personal: { zoomUser: 'accountId' } },
  ),
  ZoomAccountChanged: eventType(
    z.object({ accountId: id, capacity: z.int().min(1).optional(), credentialsRef: z.string().optional(), cloudRecording: z.boolean().optional() }),
  ),
  ZoomAccountDisabled: eventType(z.object({ accountId: id, reason: z.string() })),
  ZoomAccountEnabled: eventType(z.object({ accountId: id })),
};
