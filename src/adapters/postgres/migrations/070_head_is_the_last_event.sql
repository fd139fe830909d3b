set local lock_timeout = '2s'; -- of a running backup: whoever waits for log_head alone keeps every append of the release before waiting too (migrate.ts says so)
-- The log ends at its last event, and the primary key of lectern.events is the fence of appends (src/adapters/eventStore/postgres/appendFenced.ts):
-- moving a row that says where the log ends was a tenth of an idle append. What else that row held gets a name of its own.
create table lectern.log_identity (
  only_row boolean primary key default true check (only_row),
  log_id uuid not null,
  -- Counts the backups that were put back: whoever sees another number than at its start has the wrong log in memory.
  restored integer not null default 0
);
insert into lectern.log_identity (log_id, restored) select log_id, restored from lectern.log_head;
drop table lectern.log_head;

-- As in migration 002, but under the append lock (advisoryLocks.ts) and with the last event as the head. Whoever writes behind a
-- fence holds that lock too, shared, until its commit is visible; so here nobody else is writing, and none begins.
-- plpgsql and volatile on purpose: each statement after the lock sees what was committed before the lock was had.
create or replace function lectern.append_checked(
  p_streams text[], p_expected integer[], p_counts integer[],
  p_append integer[], p_nth integer[], p_ids uuid[], p_types text[], p_schema_versions integer[], p_data json[], p_metadata json[]
) returns table (append integer, outcome text, revision integer, last_position bigint, head_before bigint, head_after bigint)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  base bigint;
begin
  perform pg_advisory_xact_lock(7311904402119);
  select coalesce(max(e.position), 0) into strict base from lectern.events e;
  return query
  with appends as (
    select a.append::integer, a.stream, a.expected, a.count, coalesce(last.revision, -1) as actual
    from unnest(p_streams, p_expected, p_counts) with ordinality as a(stream, expected, count, append)
    left join lateral (
      select e.revision from lectern.events e where e.stream = a.stream order by e.revision desc limit 1
    ) last on true
  ), given as (
    select * from unnest(p_append, p_nth, p_ids, p_types, p_schema_versions, p_data, p_metadata)
      as g(append, nth, id, type, schema_version, data, metadata)
  ), judged as (
    select a.*,
      case
        when a.actual = a.expected then 'appended'
        when a.actual >= a.expected + a.count and not exists (
          select from given g where g.append = a.append and not exists (
            select from lectern.events e where e.stream = a.stream and e.revision = a.expected + g.nth and e.id = g.id
          )
        ) then 'repeated'
        else 'conflict'
      end as outcome
    from appends a
  ), placed as (
    select j.*, base + coalesce(sum(j.count) filter (where j.outcome = 'appended') over (order by j.append), 0) as last_position from judged j
  ), inserted as (
    insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
    select p.last_position - p.count + g.nth, p.stream, p.expected + g.nth, g.id, g.type, g.schema_version, g.data, g.metadata
    from placed p join given g on g.append = p.append
    where p.outcome = 'appended'
    order by 1
  )
  select p.append, p.outcome,
    case p.outcome when 'conflict' then p.actual else p.expected + p.count end,
    case p.outcome
      when 'appended' then p.last_position::bigint
      when 'repeated' then (select e.position from lectern.events e where e.stream = p.stream and e.revision = p.expected + p.count)
    end,
    base,
    (max(p.last_position) over ())::bigint
  from placed p;
end
$$;

-- For the release before this one, which may run beside it: it reads the head here, and moves it from where its fence is to where
-- its insert, in the same statement, will have brought it. Goes away one release later.
create view lectern.log_head as
  select i.only_row, (select coalesce(max(e.position), 0) from lectern.events e) as position, i.log_id, i.restored from lectern.log_identity i;

create function lectern.move_log_head() returns trigger language plpgsql as $$
begin
  if new.restored <> old.restored then
    update lectern.log_identity set restored = new.restored;
  end if;
  if new.position <> old.position and not pg_try_advisory_xact_lock_shared(7311904402119) then
    return null;
  end if;
  return new;
end
$$;
create trigger move_log_head instead of update on lectern.log_head for each row execute function lectern.move_log_head();
