-- One data key per subject, sealed under the master key. Null: the subject was forgotten, for good.
create table lectern.person_keys (
  subject text primary key,
  sealed_key text,
  created_at timestamptz not null default now()
);

-- How far the school's clock is ahead of real time; moved only while every vendor is a sandbox.
create table lectern.school_clock (
  one boolean primary key default true check (one),
  offset_ms bigint not null
);
