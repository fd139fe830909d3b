-- Answers to commands that came with an Idempotency-Key, kept 24 h. A cache: the log is the truth. `status` is null while
-- the command runs under a lease; whoever takes over an expired lease looks for the command's own traces first.
create table lectern.idempotency_keys (
  key_id uuid primary key,
  fingerprint bytea not null,
  owner uuid not null,
  lease_until timestamptz not null,
  attempts integer not null default 1,
  status smallint,
  headers json,
  body text,
  created_at timestamptz not null default now()
);

create index idempotency_keys_created_at on lectern.idempotency_keys (created_at);

-- Of rate-limiter-flexible, when several processes share one limit. Losing it costs a window, so it is not written ahead.
create unlogged table lectern.rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
