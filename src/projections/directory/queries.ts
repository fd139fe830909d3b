import type { Role } from '../../domain/kernel/fields.ts';
import type { ReadModels, Sql } from '../engine/readModel.ts';
import { utcOrNull } from '../instant.ts';

export type PersonView = {
  id: string; name: string; email: string; role: Role; active: boolean; timeZone: string;
  moodleUserId: string; zohoContactId: string; registeredAt: string | null; revision: number;
};
export type GroupView = { id: string; name: string; members: number; createdAt: string | null; revision: number };
export type MemberView = { personId: string; name: string; role: Role; active: boolean; since: string | null };
export type Named = { id: string; name: string };

export type PeopleFilter = { role?: Role; active?: boolean; group?: string; email?: string };

type PersonJson = {
  person_id: string; name: string; email: string; role: Role; active: boolean; time_zone: string;
  moodle_user_id: string; zoho_contact_id: string; registered_at: string | null; revision: number;
};
type GroupJson = { group_id: string; name: string; created_at: string | null; revision: number; members: number };

export type DirectoryQueries = ReturnType<typeof createDirectoryQueries>;

/** Reads of the read model `directory`. Lists are in order of id; `after` is the last id of the page before, `limit` rows at most. */
export function createDirectoryQueries(db: Sql, readModels: Pick<ReadModels, 'schema'>) {
  const people = async (where: string, values: readonly unknown[], order = ''): Promise<PersonView[]> => {
    const schema = await readModels.schema('directory');
    const { rows } = await db.query<{ p: PersonJson }>(`select to_json(p) as p from ${schema}.people p where p.role is not null and ${where.replaceAll('$schema', schema)} ${order}`, values);
    return rows.map(({ p }) => person(p));
  };

  return {
    /** What access control asks on each request (through a cache): undefined for who is not in the directory. */
    async access(personId: string): Promise<{ role: Role; active: boolean } | undefined> {
      const schema = await readModels.schema('directory');
      const { rows } = await db.query<{ role: Role; active: boolean }>(`select role, active from ${schema}.people where person_id = $1 and role is not null`, [personId]);
      return rows[0];
    },

    async person(id: string): Promise<PersonView | undefined> {
      return (await people('p.person_id = $1', [id]))[0];
    },

    /** E-mail addresses in any case → people; for importing calendars. */
    personByEmail: async (email: string): Promise<PersonView | undefined> =>
      (await people('lower(p.email) = lower($1) and p.active', [email], 'order by p.person_id limit 1'))[0],

    people: (filter: PeopleFilter, page: { after: string | undefined; limit: number }): Promise<PersonView[]> =>
      people(
        `p.person_id > $1 and ($2::text is null or p.role = $2) and ($3::boolean is null or p.active = $3)
         and ($4::text is null or lower(p.email) = lower($4))
         and ($5::text is null or exists (select from $schema.memberships m where m.group_id = $5 and m.person_id = p.person_id and m.active))`,
        [page.after ?? '', filter.role ?? null, filter.active ?? null, filter.email ?? null, filter.group ?? null, page.limit],
        'order by p.person_id limit $6',
      ),

    /** Ids of all who are teachers or were once, whatever they are now: whoever may have an agenda. */
    async everyTeacher(): Promise<string[]> {
      const schema = await readModels.schema('directory');
      const { rows } = await db.query<{ person_id: string }>(`select person_id from ${schema}.people where was_teacher order by person_id`);
      return rows.map((row) => row.person_id);
    },

    async group(id: string): Promise<GroupView | undefined> {
      return (await groups(db, await readModels.schema('directory'), 'g.group_id = $1', [id]))[0];
    },

    /** By name, in any case. */
    async groupByName(name: string): Promise<GroupView | undefined> {
      return (await groups(db, await readModels.schema('directory'), 'lower(g.name) = lower($1)', [name], 'order by g.group_id limit 1'))[0];
    },

    /** `ofMember`: only the groups of that person. */
    async groups(filter: { ofMember?: string }, page: { after: string | undefined; limit: number }): Promise<GroupView[]> {
      const schema = await readModels.schema('directory');
      return groups(
        db, schema,
        `g.group_id > $1
         and ($2::text is null or exists (select from ${schema}.memberships m where m.group_id = g.group_id and m.person_id = $2 and m.active))`,
        [page.after ?? '', filter.ofMember ?? null, page.limit], 'order by g.group_id limit $3',
      );
    },

    async members(groupId: string, page: { after: string | undefined; limit: number }): Promise<MemberView[]> {
      const schema = await readModels.schema('directory');
      const { rows } = await db.query<{ person_id: string; name: string; role: Role; active: boolean; since: string }>(
        `select p.person_id, p.name, p.role, p.active, to_json(m.since) #>> '{}' as since from ${schema}.memberships m join ${schema}.people p using (person_id)
         where m.group_id = $1 and m.active and p.person_id > $2 order by p.person_id limit $3`,
        [groupId, page.after ?? '', page.limit],
      );
      return rows.map(({ person_id: personId, since, ...rest }) => ({ personId, ...rest, since: utcOrNull(since) }));
    },

    /** Ids of the groups that a person is in now. */
    async groupsOf(personId: string): Promise<string[]> {
      const schema = await readModels.schema('directory');
      const { rows } = await db.query<{ group_id: string }>(`select group_id from ${schema}.memberships where person_id = $1 and active`, [personId]);
      return rows.map((row) => row.group_id);
    },

    async isMember(groupId: string, personId: string): Promise<boolean> {
      const schema = await readModels.schema('directory');
      const { rows } = await db.query(`select from ${schema}.memberships where group_id = $1 and person_id = $2 and active`, [groupId, personId]);
      return rows.length > 0;
    },

    /** Names of people and groups by id; who is unknown is missing in the answer. */
    async names(personIds: readonly string[], groupIds: readonly string[]): Promise<{ people: ReadonlyMap<string, string>; groups: ReadonlyMap<string, string> }> {
      const schema = await readModels.schema('directory');
      const { rows } = await db.query<{ kind: 'person' | 'group'; id: string; name: string }>(
        `select 'person' as kind, person_id as id, name from ${schema}.people where person_id = any($1::text[])
         union all select 'group', group_id, name from ${schema}.groups where group_id = any($2::text[])`,
        [[...new Set(personIds)], [...new Set(groupIds)]],
      );
      const of = (kind: string) => new Map(rows.filter((row) => row.kind === kind).map(({ id, name }) => [id, name]));
      return { people: of('person'), groups: of('group') };
    },
  };
}

async function groups(db: Sql, schema: string, where: string, values: readonly unknown[], order = ''): Promise<GroupView[]> {
  const { rows } = await db.query<{ g: GroupJson }>(
    `select json_build_object('group_id', g.group_id, 'name', g.name, 'created_at', g.created_at, 'revision', g.revision,
       'members', (select count(*) from ${schema}.memberships m where m.group_id = g.group_id and m.active)) as g
     from ${schema}.groups g where g.created_at is not null and ${where} ${order}`,
    values,
  );
  return rows.map(({ g }) => ({ id: g.group_id, name: g.name, members: g.members, createdAt: utcOrNull(g.created_at), revision: g.revision }));
}

const person = (p: PersonJson): PersonView => ({
  id: p.person_id, name: p.name, email: p.email, role: p.role, active: p.active, timeZone: p.time_zone,
  moodleUserId: p.moodle_user_id, zohoContactId: p.zoho_contact_id, registeredAt: utcOrNull(p.registered_at), revision: p.revision,
});
