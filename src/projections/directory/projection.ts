import { groupEvents } from '../../domain/group/events.ts';
import type { Role } from '../../domain/kernel/fields.ts';
import { personEvents } from '../../domain/person/events.ts';
import type { ReadModel } from '../engine/readModel.ts';
import { foldInto, type FoldedTable } from '../foldedTable.ts';
import { directorySchema } from './schema.ts';

type PersonRow = {
  person_id: string; name: string; email: string; role: Role | null; active: boolean; time_zone: string;
  moodle_user_id: string; zoho_contact_id: string; registered_at: string | null; revision: number;
  /** Is a teacher, or was one once: may have an agenda. */
  was_teacher: boolean;
};

const people: FoldedTable<PersonRow> = {
  name: 'people',
  key: ['person_id'],
  columns: ['person_id', 'name', 'email', 'role', 'active', 'time_zone', 'moodle_user_id', 'zoho_contact_id', 'registered_at', 'revision', 'was_teacher'],
  timestamps: ['registered_at'],
  keyOf: (event) => {
    switch (event.type) {
      case 'PersonRegistered': case 'PersonChanged': case 'PersonDeactivated': case 'PersonReactivated': return [event.data.personId];
      default: return undefined;
    }
  },
  fresh: ([personId = '']) => ({
    person_id: personId, name: '', email: '', role: null, active: true, time_zone: 'UTC', moodle_user_id: '', zoho_contact_id: '', registered_at: null, revision: -1, was_teacher: false,
  }),
  evolve: (row, event) => {
    row.revision = event.revision;
    switch (event.type) {
      case 'PersonRegistered':
        row.registered_at = event.metadata.occurredAt;
        row.active = true;
        return copyPerson(row, event.data);
      case 'PersonChanged': return copyPerson(row, event.data);
      case 'PersonDeactivated': row.active = false; return;
      case 'PersonReactivated': row.active = true; return;
      default:
    }
  },
};

type PersonFields = {
  name?: string | undefined; email?: string | undefined; role?: Role | undefined; timeZone?: string | undefined;
  moodleUserId?: string | undefined; zohoContactId?: string | undefined;
};

function copyPerson(row: PersonRow, data: PersonFields): void {
  row.name = data.name ?? row.name;
  row.email = data.email ?? row.email;
  row.role = data.role ?? row.role;
  row.was_teacher ||= row.role === 'teacher';
  row.time_zone = data.timeZone ?? row.time_zone;
  row.moodle_user_id = data.moodleUserId ?? row.moodle_user_id;
  row.zoho_contact_id = data.zohoContactId ?? row.zoho_contact_id;
}

type GroupRow = { group_id: string; name: string; created_at: string | null; revision: number };

const groups: FoldedTable<GroupRow> = {
  name: 'groups',
  key: ['group_id'],
  columns: ['group_id', 'name', 'created_at', 'revision'],
  timestamps: ['created_at'],
  keyOf: (event) => {
    switch (event.type) {
      case 'GroupCreated': case 'GroupRenamed': case 'GroupMemberAdded': case 'GroupMemberRemoved': return [event.data.groupId];
      default: return undefined;
    }
  },
  fresh: ([groupId = '']) => ({ group_id: groupId, name: '', created_at: null, revision: -1 }),
  evolve: (row, event) => {
    row.revision = event.revision;
    if (event.type === 'GroupCreated') row.created_at = event.metadata.occurredAt;
    if (event.type === 'GroupCreated' || event.type === 'GroupRenamed') row.name = event.data.name;
  },
};

type MembershipRow = { group_id: string; person_id: string; active: boolean; since: string };

const memberships: FoldedTable<MembershipRow> = {
  name: 'memberships',
  key: ['group_id', 'person_id'],
  columns: ['group_id', 'person_id', 'active', 'since'],
  timestamps: ['since'],
  beginsAnew: () => true,
  keyOf: (event) => (event.type === 'GroupMemberAdded' || event.type === 'GroupMemberRemoved' ? [event.data.groupId, event.data.personId] : undefined),
  fresh: ([groupId = '', personId = '']) => ({ group_id: groupId, person_id: personId, active: false, since: '' }),
  evolve: (row, event) => {
    row.active = event.type === 'GroupMemberAdded';
    row.since = event.metadata.occurredAt;
  },
};

export const directory: ReadModel = {
  name: 'directory',
  version: 2,
  types: Object.keys({ ...personEvents, ...groupEvents }),
  schemaSql: directorySchema,
  async project(events, db, schema) {
    await foldInto(people, events, db, schema);
    await foldInto(groups, events, db, schema);
    await foldInto(memberships, events, db, schema);
  },
};
