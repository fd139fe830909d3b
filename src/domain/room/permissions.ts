import { z } from 'zod';

/** What a person is in a room. `host` may be several; the primary host is `hostId` of the room. `solo`: alone in a room of their own. */
export const roomRoles = ['host', 'student', 'viewer', 'solo'] as const;
export type RoomRole = (typeof roomRoles)[number];

/** `edit`: update, delete, split and append of nobody's, one's own, or everybody's shapes. */
export const editReach = z.enum(['none', 'own', 'all']);
export type EditReach = z.infer<typeof editReach>;

/** Every permission there is: on the wire, in events, in settings. */
export const permissions = z.object({
  draw: z.boolean(),
  edit: editReach,
  addLayers: z.boolean(),
  deleteLayers: z.boolean(),
  reorderLayers: z.boolean(),
  uploadImages: z.boolean(),
  export: z.boolean(),
  clearBoard: z.boolean(),
  restore: z.boolean(),
  toggleVideo: z.boolean(),
  toggleAudio: z.boolean(),
  shareScreen: z.boolean(),
  invite: z.boolean(),
  kick: z.boolean(),
  terminate: z.boolean(),
  pause: z.boolean(),
});
export type Permissions = z.infer<typeof permissions>;
export type PermissionName = keyof Permissions;
export const permissionNames = Object.keys(permissions.shape) as readonly PermissionName[];

/** What a room or a person has instead of the role's. What is left out is the role's; null takes the exception back. */
export const permissionChanges = z.object({
  draw: z.boolean().nullable(),
  edit: editReach.nullable(),
  addLayers: z.boolean().nullable(),
  deleteLayers: z.boolean().nullable(),
  reorderLayers: z.boolean().nullable(),
  uploadImages: z.boolean().nullable(),
  export: z.boolean().nullable(),
  clearBoard: z.boolean().nullable(),
  restore: z.boolean().nullable(),
  toggleVideo: z.boolean().nullable(),
  toggleAudio: z.boolean().nullable(),
  shareScreen: z.boolean().nullable(),
  invite: z.boolean().nullable(),
  kick: z.boolean().nullable(),
  terminate: z.boolean().nullable(),
  pause: z.boolean().nullable(),
}).partial();
export type PermissionChanges = z.infer<typeof permissionChanges>;
/** Exceptions that stand: no nulls, no undefined. */
export type PermissionExceptions = Readonly<Partial<Permissions>>;

const all: Permissions = {
  draw: true, edit: 'all', addLayers: true, deleteLayers: true, reorderLayers: true, uploadImages: true, export: true, clearBoard: true, restore: true,
  toggleVideo: true, toggleAudio: true, shareScreen: true, invite: true, kick: true, terminate: true, pause: true,
};
const none: Permissions = {
  draw: false, edit: 'none', addLayers: false, deleteLayers: false, reorderLayers: false, uploadImages: false, export: false, clearBoard: false, restore: false,
  toggleVideo: false, toggleAudio: false, shareScreen: false, invite: false, kick: false, terminate: false, pause: false,
};

export type RolePermissions = Readonly<Record<RoomRole, Permissions>>;

/** What each role may do until an admin says otherwise. */
export const roleDefaults: RolePermissions = {
  host: all,
  student: { ...none, draw: true, edit: 'own', uploadImages: true, export: true, toggleVideo: true, toggleAudio: true },
  viewer: none,
  solo: all,
};

/**
 * The one table: what each op on the board, each command of the room and each message on its sockets needs.
 *   a permission's name   that permission (`edit`: the reach must cover the shape's author)
 *   'host'                the role host or solo, whatever its permissions: an admin's edit must not leave a room without anybody to run it
 *   'primaryHost'         the one primary host
 *   'present'             a seat in the room
 *   'self'                about oneself only
 * An admin of the school may all of it but what is 'self' or needs a presence; the school's own clockwork (reactors, jobs, the owner's timers)
 * is asked nothing. Pages go with layers: who may add layers adds pages.
 */
export const needs = {
  // Ops on the board
  'shape.add': 'draw',
  'shape.append': 'edit',
  'shape.update': 'edit',
  'shape.delete': 'edit',
  'shape.split': 'edit',
  'page.add': 'addLayers',
  'page.update': 'addLayers',
  'page.delete': 'deleteLayers',
  'page.reorder': 'reorderLayers',
  'layer.add': 'addLayers',
  'layer.update': 'addLayers',
  'layer.delete': 'deleteLayers',
  'layer.reorder': 'reorderLayers',
  'board.clear': 'clearBoard',
  'board.restore': 'restore',
  // An added shape of type image needs this beside 'draw'.
  image: 'uploadImages',
  // Commands of the room
  invite: 'invite',
  admit: 'invite',
  kick: 'kick',
  start: 'host',
  pause: 'pause',
  resume: 'pause',
  complete: 'terminate',
  terminate: 'terminate',
  changeRole: 'host',
  transferHost: 'primaryHost',
  updatePermissions: 'host',
  updateSettings: 'host',
  leave: 'self',
  updateMedia: 'self',
  say: 'present',
  // Not commands of the aggregate, but somebody's to do
  save: 'draw',
  export: 'export',
  fork: 'export',
  raiseHand: 'present',
  muteRequest: 'host',
  follow: 'host',
  'media.video': 'toggleVideo',
  'media.audio': 'toggleAudio',
  'media.screen': 'shareScreen',
} as const satisfies Readonly<Record<string, PermissionName | 'host' | 'primaryHost' | 'present' | 'self'>>;

export type Need = keyof typeof needs;

/** The role's, with the exceptions of the room for that role, then those of the person. */
export const resolvePermissions = (ofRole: Permissions, ofRoom: PermissionExceptions | undefined, ofPerson: PermissionExceptions | undefined): Permissions =>
  ofRoom === undefined && ofPerson === undefined ? ofRole : { ...ofRole, ...ofRoom, ...ofPerson };

/** Exceptions after a change: null takes one back. Undefined when none are left. */
export function changedExceptions(before: PermissionExceptions | undefined, changes: PermissionChanges): PermissionExceptions | undefined {
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined) delete after[name];
    else after[name] = value;
  }
  return Object.keys(after).length > 0 ? (after as PermissionExceptions) : undefined;
}

/** Whether these permissions cover what a shape's author has drawn. */
export const reaches = (reach: EditReach, isOwn: boolean): boolean => reach === 'all' || (reach === 'own' && isOwn);

/** Whether a yes-or-no permission is there; `edit` counts when it reaches anything at all. */
export const has = (held: Permissions, name: PermissionName): boolean => (name === 'edit' ? held.edit !== 'none' : held[name]);

/** What an op on the board asks of permissions, once it is known whose shape it is about. */
export type OpNeed = 'draw' | 'editOwn' | 'editOthers' | 'addLayers' | 'deleteLayers' | 'reorderLayers' | 'uploadImages' | 'clearBoard' | 'restore';

type OpInTable = Extract<Need, `${'shape' | 'page' | 'layer' | 'board'}.${string}`>;

/** By the table. `isOwn`: of ops on a shape that is there, whether this person drew it. An added image needs 'uploadImages' beside this. */
export function needOfOp(name: OpInTable, isOwn: boolean): OpNeed {
  const need = needs[name];
  if (need !== 'edit') return need;
  return isOwn ? 'editOwn' : 'editOthers';
}

/** Answers for each need of an op whether these permissions cover it. */
export const mayOnBoard = (held: Permissions) => (need: OpNeed): boolean => {
  if (need === 'editOwn') return reaches(held.edit, true);
  return need === 'editOthers' ? reaches(held.edit, false) : held[need];
};
