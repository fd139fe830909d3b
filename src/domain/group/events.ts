import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id } from '../kernel/fields.ts';

/** Stream `group-<groupId>`. */
export const groupEvents = {
  GroupCreated: eventType(z.object({ groupId: id, name: z.string() })),
  GroupRenamed: eventType(z.object({ groupId: id, name: z.string() })),
  GroupMemberAdded: eventType(z.object({ groupId: id, personId: id })),
  GroupMemberRemoved: eventType(z.object({ groupId: id, personId: id })),
};
