-- Access tokens that the nodes share, sealed. The hash tells which one a vendor refused, without opening any.
create table lectern.zoom_tokens (
  credential text primary key,
  sealed_token text,
  token_hash text,
  fetched_at timestamptz
);

-- What we sent for a host in a UTC day of the school's clock; closed: the vendor said that the day is over.
create table lectern.zoom_host_days (
  account_id text not null,
  day date not null,
  used integer not null default 0,
  closed boolean not null default false,
  primary key (account_id, day)
);

-- One worker at a time brings a lesson's meeting in line; a dead worker's lease runs out by itself.
create table lectern.zoom_sync_leases (
  lesson_id text primary key,
  holder uuid not null,
  expires_at timestamptz not null
);

-- Webhooks as they came (body sealed), before they are answered. The key makes a repeated delivery one row.
create table lectern.webhook_inbox (
  id bigint generated always as identity primary key,
  source text not null,
  delivery_key text not null,
  sealed_body text not null,
  received_at timestamptz not null default now(),
  handled_at timestamptz,
  error text,
  unique (source, delivery_key)
);
create index webhook_inbox_waiting on lectern.webhook_inbox (id) where handled_at is null;
create index webhook_inbox_age on lectern.webhook_inbox (received_at);
