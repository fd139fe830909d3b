-- The checked way into the log: any number of appends, at most one per stream, each judged on its own. Called by
-- src/adapters/eventStore/postgres/appendChecked.ts, which explains the columns.
-- plpgsql and volatile on purpose: each statement after the lock sees what was committed before the lock was had; a single SQL
-- statement would judge by a snapshot from before it.
create function lectern.append_checked(
  p_streams text[], p_expected integer[], p_counts integer[],
  p_append integer[], p_nth integer[], p_ids uuid[], p_types text[], p_schema_versions integer[], p_data json[], p_metadata json[]
) returns table (append integer, outcome text, revision integer, last_position bigint, head_before bigint, head_after bigint)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  base bigint;
begin
  select h.position into strict base from lectern.log_head h for update;
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
    returning position
  ), moved as (
    update lectern.log_head h set position = base + n.total
    from (select count(*) as total from inserted) n
    where n.total > 0
    returning h.position
  )
  select p.append, p.outcome,
    case p.outcome when 'conflict' then p.actual else p.expected + p.count end,
    case p.outcome
      when 'appended' then p.last_position::bigint
      when 'repeated' then (select e.position from lectern.events e where e.stream = p.stream and e.revision = p.expected + p.count)
    end,
    base,
    coalesce((select m.position from moved m), base)
  from placed p;
end
$$;
