import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id } from '../kernel/fields.ts';

/** Stream `zoomPool-school`: which accounts there are, and that no Zoom user is in the pool twice. */
export const zoomPoolEvents = {
  ZoomUserEnlisted: eventType(z.object({ accountId: id, zoomUser: z.string() }), { personal: { zoomUser: 'accountId' } }),
};
