import { aggregate } from '../kernel/decider.ts';
import { type Permissions, roleDefaults, type RolePermissions, type RoomRole } from '../room/permissions.ts';
import { classroomRolesEvents } from './events.ts';

export type ClassroomRolesCommand = { type: 'change'; role: RoomRole; permissions: Permissions };

/** There is one: its stream is `classroomRoles-school`. */
export const classroomRolesId = 'school';

/** What each role may do in rooms that are created from now on; open rooms are told of a change. */
export const classroomRoles = aggregate<RolePermissions, ClassroomRolesCommand, typeof classroomRolesEvents>({
  category: 'classroomRoles',
  events: classroomRolesEvents,
  decider: {
    initial: roleDefaults,
    evolve: (state, { data: { role, permissions } }) => ({ ...state, [role]: permissions }),
    decide: ({ role, permissions }, state) => {
      const now = state[role];
      const same = (Object.keys(now) as (keyof Permissions)[]).every((name) => now[name] === permissions[name]);
      return same ? [] : [{ type: 'ClassroomRoleChanged', data: { role, permissions } }];
    },
  },
});
