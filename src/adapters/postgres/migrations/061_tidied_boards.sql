-- Kept boards that the nightly job has seen, and left or not: a room without newer ones has nothing for it to do.
alter table lectern.board_snapshots add column tidied boolean not null default false;
create index board_snapshots_untidied on lectern.board_snapshots (room) where not tidied;
