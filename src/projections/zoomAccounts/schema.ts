/**
 * The pool: accounts, what is and was planned on them (reservations), what is and was in use (leases). Nothing is deleted:
 * what-if and utilization read the history; the leases of now are also with their account. `*_position` are places in the log: the order in which people asked.
 */
export const zoomAccountsSchema = (schema: string): string => `
  create table ${schema}.accounts (
    account_id text collate "C" primary key,
    zoom_user text not null, capacity int not null, credentials_ref text not null, cloud_recording boolean not null,
    registered boolean not null, enabled boolean not null, disabled_reason text, registered_at timestamptz, revision int not null,
    active_leases jsonb not null
  ) with (fillfactor = 70);

  create table ${schema}.reservations (
    account_id text collate "C", reservation_id text collate "C", holder text not null,
    from_at timestamptz not null, until_at timestamptz not null,
    reserved_position text not null, released_position text, released_at timestamptz, release_reason text,
    primary key (account_id, reservation_id)
  ) with (fillfactor = 80);
  create index on ${schema}.reservations (account_id, from_at);

  create table ${schema}.leases (
    lease_id text collate "C", account_id text collate "C", holder text not null,
    acquired_at timestamptz not null, until_at timestamptz not null, overran_at timestamptz, released_at timestamptz, release_reason text,
    primary key (account_id, lease_id)
  ) with (fillfactor = 80);
`;
