-- Images on boards, named by their content: the same picture in ten rooms is kept once. Boards refer to them by name, for ever, so
-- they are never changed; events hold only the name.
create table lectern.room_images (
  sha256 text collate "C" primary key,
  media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/webp')),
  width integer not null,
  height integer not null,
  content bytea not null,
  stored_at timestamptz not null default now()
);
-- It is compressed already.
alter table lectern.room_images alter column content set storage external;

-- Which room uses which image, and who brought it there: who may see the room may see the image. Without a foreign key: backups are put back
-- table by table.
create table lectern.room_image_uses (
  room_id text collate "C" not null,
  sha256 text collate "C" not null,
  added_by text not null,
  added_at timestamptz not null default now(),
  primary key (room_id, sha256)
);
create index room_image_uses_by_image on lectern.room_image_uses (sha256);
