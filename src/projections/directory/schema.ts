/** People, groups, and who is in which group. Personal fields are plain here; forgetting a person purges them. */
export const directorySchema = (schema: string): string => `
  create table ${schema}.people (
    person_id text collate "C" primary key,
    name text not null, email text not null, role text, active boolean not null, time_zone text not null,
    moodle_user_id text not null, zoho_contact_id text not null,
    registered_at timestamptz, revision int not null, was_teacher boolean not null
  );
  create index on ${schema}.people (lower(email));
  create index on ${schema}.people (role, person_id);
  create index on ${schema}.people (person_id) where was_teacher;

  create table ${schema}.groups (group_id text collate "C" primary key, name text not null, created_at timestamptz, revision int not null);
  create index on ${schema}.groups (lower(name));

  create table ${schema}.memberships (
    group_id text collate "C", person_id text collate "C", active boolean not null, since timestamptz not null,
    primary key (group_id, person_id)
  );
  create index on ${schema}.memberships (person_id) where active;
`;
