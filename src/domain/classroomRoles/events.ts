import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { permissions, roomRoles } from '../room/permissions.ts';

/** Stream `classroomRoles-school`: what each role may do in a room, school-wide. */
export const classroomRolesEvents = {
  ClassroomRoleChanged: eventType(z.object({ role: z.enum(roomRoles), permissions })),
};
