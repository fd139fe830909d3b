-- Vendors' credentials, field by field, each sealed under the master key with "record and field" authenticated.
create table lectern.secrets (
  ref text not null,
  field text not null,
  sealed text not null,
  updated_at timestamptz not null default now(),
  primary key (ref, field)
);
