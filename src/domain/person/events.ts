import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id, role, zone } from '../kernel/fields.ts';

const personal = { name: 'personId', email: 'personId' } as const;

/** Stream `person-<personId>`. */
export const personEvents = {
  PersonRegistered: eventType(
    z.object({ personId: id, name: z.string(), email: z.string(), role, timeZone: zone, moodleUserId: z.string(), zohoContactId: z.string() }),
    { personal },
  ),
  PersonChanged: eventType(
    z.object({
      personId: id, name: z.string().optional(), email: z.string().optional(), role: role.optional(), timeZone: zone.optional(),
      moodleUserId: z.string().optional(), zohoContactId: z.string().optional(),
    }),
    { personal },
  ),
  PersonDeactivated: eventType(z.object({ personId: id })),
  PersonReactivated: eventType(z.object({ personId: id })),
};
