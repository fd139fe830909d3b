-- Tickets that open one socket each. Only a hash is kept: who reads the table can open nothing. Used ones are deleted by their use, others
-- when they are long past. Losing them in a crash costs a new request, so they are not written ahead.
create unlogged table lectern.room_tickets (
  ticket_hash bytea primary key,
  room_id text not null,
  person_id text not null,
  channel text not null,
  device_id text not null,
  expires_at timestamptz not null
);

create index room_tickets_expires_at on lectern.room_tickets (expires_at);
