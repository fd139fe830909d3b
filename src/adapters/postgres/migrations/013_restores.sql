-- Counts the backups that were put back: whoever sees another number than at its start has the wrong log in memory.
alter table lectern.log_head add column restored integer not null default 0;
