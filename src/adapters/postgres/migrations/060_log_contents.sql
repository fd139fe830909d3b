-- The log's table of contents: of each stretch of a thousand events, which types are in it and who caused them. The log never
-- changes, so what was written down here once stays true. Positions compare as text, in either kind of log.
create table lectern.log_contents (
  log_id text not null,
  last_position text collate "C" not null,
  after_position text collate "C" not null,
  events integer not null,
  types text[] not null,
  people text[] not null,
  primary key (log_id, last_position)
);
