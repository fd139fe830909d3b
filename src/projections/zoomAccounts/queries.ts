import type { ReadModels, Sql } from '../engine/readModel.ts';
import { utc, utcOrNull } from '../instant.ts';

export type LeaseView = { leaseId: string; holder: string; acquiredAt: string; until: string; overranAt: string | null };
export type ReservationView = { reservationId: string; holder: string; from: string; until: string };

/** `utilization.percent`: meetings running now ÷ capacity. `zoomUser` is a person's address. */
export type ZoomAccountView = {
  id: string; zoomUser: string; capacity: number; credentialsRef: string; cloudRecording: boolean;
  enabled: boolean; disabledReason: string | null; revision: number;
  available: boolean;
  currentMeetings: LeaseView[];
  nextReservation: ReservationView | null;
  utilization: { meetings: number; capacity: number; percent: number };
  reservationsToday: number;
};

export type CalendarEntry = ReservationView & { released: boolean };

/** A place that was asked for, or given back before its time. `position`: its place in the log. Instants in ms since 1970, UTC. */
export type PoolStep = { position: string; kind: 'reserve' | 'release'; accountId: string; reservationId: string; holder: string; from: number; until: number };

export type PoolNow = { total: number; enabled: number; enabledCapacity: number; available: number; inUse: number; inUseMeetings: number; inUseEnabled: number; meetingsOnEnabled: number };

type AccountJson = {
  account_id: string; zoom_user: string; capacity: number; credentials_ref: string; cloud_recording: boolean; enabled: boolean; disabled_reason: string | null;
  revision: number; active_leases: LeaseView[];
  next: ReservationView | null; today: number;
};

export type ZoomAccountQueries = ReturnType<typeof createZoomAccountQueries>;

/** Reads of the read model `zoomAccounts`. */
export function createZoomAccountQueries(db: Sql, readModels: Pick<ReadModels, 'schema'>) {
  const schemaName = () => readModels.schema('zoomAccounts');

  const accounts = async (where: string, values: readonly unknown[], day: Day, order = ''): Promise<ZoomAccountView[]> => {
    const s = await schemaName();
    const { rows } = await db.query<{ a: AccountJson }>(
      `select to_json(r) as a from (
         select a.*,
           (select json_build_object('reservationId', reservation_id, 'holder', holder, 'from', from_at, 'until', until_at)
              from ${s}.reservations x where x.account_id = a.account_id and x.released_position is null and x.from_at >= $1::timestamptz order by from_at, reservation_id limit 1) as next,
           (select count(*)::int from ${s}.reservations x where x.account_id = a.account_id and x.released_position is null and x.from_at >= $2::timestamptz and x.from_at < $3::timestamptz) as today
         from ${s}.accounts a where a.registered and ${where} ${order}) r`,
      [day.now, day.from, day.until, ...values],
    );
    return rows.map(({ a }) => account(a));
  };

  return {
    /** In order of id. `after`: the last id of the page before. */
    list: (filter: { enabled?: boolean }, day: Day, page: { after: string | undefined; limit: number }): Promise<ZoomAccountView[]> =>
      accounts('a.account_id > $4 and ($5::boolean is null or a.enabled = $5)', [page.after ?? '', filter.enabled ?? null, page.limit], day, 'order by a.account_id limit $6'),

    async account(id: string, day: Day): Promise<ZoomAccountView | undefined> {
      return (await accounts('a.account_id = $4', [id], day))[0];
    },

    /** What a lesson's view shows of its account. */
    async summary(id: string): Promise<{ id: string; capacity: number; enabled: boolean; cloudRecording: boolean } | undefined> {
      const s = await schemaName();
      const { rows } = await db.query<{ id: string; capacity: number; enabled: boolean; cloudRecording: boolean }>(
        `select account_id as id, capacity, enabled, cloud_recording as "cloudRecording" from ${s}.accounts where account_id = $1 and registered`, [id],
      );
      return rows[0];
    },

    /** Reservations of an account that overlap [from, to), in order of start; given-back ones only if asked for. */
    async calendar(
      id: string, range: { from: string; to: string; released: boolean }, page: { after: readonly [from: string, id: string] | undefined; limit: number },
    ): Promise<CalendarEntry[]> {
      const s = await schemaName();
      const { rows } = await db.query<{ r: { reservation_id: string; holder: string; from_at: string; until_at: string; released_position: string | null } }>(
        `select to_json(r) as r from ${s}.reservations r
         where r.account_id = $1 and r.until_at > $2::timestamptz and r.from_at < $3::timestamptz and ($4::boolean or r.released_position is null)
           and (r.from_at, r.reservation_id) > (coalesce($5::timestamptz, '-infinity'), $6)
         order by r.from_at, r.reservation_id limit $7`,
        [id, range.from, range.to, range.released, page.after?.[0] ?? null, page.after?.[1] ?? '', page.limit],
      );
      return rows.map(({ r }) => ({ reservationId: r.reservation_id, holder: r.holder, from: utc(r.from_at), until: utc(r.until_at), released: r.released_position !== null }));
    },

    /** Accounts that can take [from, to) with the gap between reservations, in order of id. `free`: places left. Stale by the read model's lag. */
    async free(from: string, to: string, gapMinutes: number, page: { after: string | undefined; limit: number }): Promise<{ id: string; capacity: number; cloudRecording: boolean; free: number }[]> {
      const s = await schemaName();
      // Each reservation counts from its start to the gap after its end; the count rises only where one begins (or where the wish does).
      const { rows } = await db.query<{ id: string; capacity: number; cloudRecording: boolean; free: number }>(
        `with near as (
           select r.account_id, r.holder, greatest(r.from_at, $1::timestamptz) as begins, r.until_at + make_interval(mins => $3::int) as ends
           from ${s}.accounts o join ${s}.reservations r using (account_id)
           where o.registered and o.enabled and r.released_position is null and r.until_at + make_interval(mins => $3::int) > $1::timestamptz
             and r.from_at < $2::timestamptz + make_interval(mins => $3::int) and r.from_at > $1::timestamptz - interval '2 days'
         ), busy as (
           select a.account_id, max((select count(distinct b.holder) from near b where b.account_id = a.account_id and b.begins <= a.begins and b.ends > a.begins)) as peak
           from near a group by a.account_id
         )
         select a.account_id as id, a.capacity, a.cloud_recording as "cloudRecording", (a.capacity - coalesce(b.peak, 0))::int as free
         from ${s}.accounts a left join busy b using (account_id)
         where a.registered and a.enabled and a.capacity > coalesce(b.peak, 0) and a.account_id > $4
         order by a.account_id limit $5`,
        [from, to, gapMinutes, page.after ?? '', page.limit],
      );
      return rows;
    },

    /** What was asked for and given back of places in [from, to), in the order of the log, in pages. */
    async *history(from: string, to: string): AsyncIterable<PoolStep[]> {
      const s = await schemaName();
      const places = `from ${s}.accounts join ${s}.reservations using (account_id) where from_at >= $1::timestamptz and from_at < $2::timestamptz`;
      for (let after = ''; ;) {
        const { rows } = await db.query<PoolStep>(
          `select position, kind, account_id as "accountId", reservation_id as "reservationId", holder, (extract(epoch from from_at) * 1000)::float8 as from, (extract(epoch from until_at) * 1000)::float8 as until
           from (
             select reserved_position as position, 'reserve' as kind, account_id, reservation_id, holder, from_at, until_at ${places} and reserved_position collate "C" > $3
             union all
             select released_position, 'release', account_id, reservation_id, holder, from_at, until_at ${places} and released_position collate "C" > $3 and released_at < until_at
           ) steps order by position collate "C" limit ${historyPage}`,
          [from, to, after],
        );
        yield rows;
        if (rows.length < historyPage) return;
        after = rows.at(-1)?.position ?? after;
      }
    },

    /** Most meetings at once in [from, to), and since when; what was given back before it began does not count. */
    async peak(from: string, to: string): Promise<{ meetings: number; at: string | null }> {
      const s = await schemaName();
      const { rows } = await db.query<{ meetings: number; at: string }>(
        `with kept as (
           select from_at, least(until_at, released_at) as till from ${s}.accounts join ${s}.reservations using (account_id)
           where from_at >= $1::timestamptz and from_at < $2::timestamptz and least(until_at, released_at) > from_at
         ), edges as (select from_at as at, 1 as by from kept union all select till, -1 from kept),
         running as (select at, sum(by) over (order by at, by rows unbounded preceding) as meetings from edges)
         select meetings::int, to_json(at) #>> '{}' as at from running order by meetings desc, running.at limit 1`,
        [from, to],
      );
      return rows[0] ? { meetings: rows[0].meetings, at: utc(rows[0].at) } : { meetings: 0, at: null };
    },

    async pool(): Promise<PoolNow> {
      const s = await schemaName();
      const { rows } = await db.query<PoolNow>(
        `select count(*)::int as total, count(*) filter (where enabled)::int as enabled, coalesce(sum(capacity) filter (where enabled), 0)::int as "enabledCapacity",
           count(*) filter (where enabled and used < capacity)::int as available, count(*) filter (where used > 0)::int as "inUse", coalesce(sum(used), 0)::int as "inUseMeetings",
           count(*) filter (where enabled and used > 0)::int as "inUseEnabled", coalesce(sum(used) filter (where enabled), 0)::int as "meetingsOnEnabled"
         from (select a.enabled, a.capacity, jsonb_array_length(a.active_leases) as used from ${s}.accounts a where a.registered) p`,
      );
      return rows[0] ?? { total: 0, enabled: 0, enabledCapacity: 0, available: 0, inUse: 0, inUseMeetings: 0, inUseEnabled: 0, meetingsOnEnabled: 0 };
    },
  };
}

const historyPage = 2_000;

/** Instants, RFC 3339: now, and the school's day [from, until) around it. */
export type Day = { now: string; from: string; until: string };

const lease = (l: LeaseView): LeaseView => ({ ...l, acquiredAt: utc(l.acquiredAt), until: utc(l.until), overranAt: utcOrNull(l.overranAt) });

function account(a: AccountJson): ZoomAccountView {
  const current = a.active_leases.map(lease);
  return {
    id: a.account_id, zoomUser: a.zoom_user, capacity: a.capacity, credentialsRef: a.credentials_ref, cloudRecording: a.cloud_recording,
    enabled: a.enabled, disabledReason: a.disabled_reason, revision: a.revision,
    available: a.enabled && current.length < a.capacity,
    currentMeetings: current,
    nextReservation: a.next && { ...a.next, from: utc(a.next.from), until: utc(a.next.until) },
    utilization: { meetings: current.length, capacity: a.capacity, percent: percent(current.length, a.capacity) },
    reservationsToday: a.today,
  };
}

/** Rounded to one decimal; 0 of 0 is 0. */
export const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10);
