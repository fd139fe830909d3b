import type { Role } from '../../domain/kernel/fields.ts';
import type { Answer } from '../answer.ts';

/** `timeZone`: IANA. Ids of other systems: '' when unknown. `personId`: default derived from the command's id. */
export type RegisterPerson = {
  personId?: string; name: string; email: string; role: Role; timeZone: string; moodleUserId?: string; zohoContactId?: string;
};
/** What is left out stays. */
export type ChangePerson = {
  personId: string; name?: string; email?: string; role?: Role; timeZone?: string; moodleUserId?: string; zohoContactId?: string;
};
export type DeactivatePerson = { personId: string };
export type ReactivatePerson = { personId: string };

export type CreateGroup = { groupId?: string; name: string };
export type RenameGroup = { groupId: string; name: string };
/** Repeats change nothing. Members are people who exist and are active. */
export type AddGroupMember = { groupId: string; personId: string };
export type RemoveGroupMember = { groupId: string; personId: string };

export type DirectoryAnswer = Answer;
