import type { Position } from '../../ports/eventStore.ts';
import type { PauseReason, Sql } from './readModel.ts';

/**
 * The rows of lectern.read_models. A generation is `building` (catches up beside the one that serves), then `live`, then
 * `retired` (replaced; its tables are dropped later). Of a code version at most one is building and at most one is live.
 */
export type Generation = {
  name: string;
  version: number;
  generation: number;
  state: 'building' | 'live';
  schemaMade: boolean;
  /** Of the log that the checkpoint belongs to; undefined before the first event. */
  logId: string | undefined;
  position: Position;
  /** How many events went by. */
  events: number;
  owner: string | undefined;
  leased: boolean;
  paused: PauseReason | undefined;
};

export type GenerationKey = Pick<Generation, 'name' | 'version' | 'generation'>;

export const keyOf = ({ name, version, generation }: GenerationKey): string => `${name}/${version}/${generation}`;
/** Quoted, ready to be written into SQL. Names are checked by the engine: letters and digits only. */
export const schemaOf = ({ name, version, generation }: GenerationKey): string => `"rm_${name}_v${version}_g${generation}"`;

type Row = {
  name: string; version: number; generation: number; state: 'building' | 'live'; schema_made: boolean; log_id: string | null;
  position: string; events: string; owner: string | null; leased: boolean | null; paused: PauseReason | null;
};

const columns = `name, version, generation, state, schema_made, log_id, position, events, owner, lease_until > now() as leased, paused`;
const thisOne = `name = $1 and version = $2 and generation = $3 and state <> 'retired'`;
const ids = (key: GenerationKey): unknown[] => [key.name, key.version, key.generation];

const fromRow = (row: Row): Generation => ({
  name: row.name, version: row.version, generation: row.generation, state: row.state, schemaMade: row.schema_made,
  logId: row.log_id ?? undefined, position: row.position, events: Number(row.events), owner: row.owner ?? undefined,
  leased: row.leased === true, paused: row.paused ?? undefined,
});

/** Every generation of these read models, in these versions, that is building or live. */
export async function listGenerations(db: Sql, models: readonly { name: string; version: number }[]): Promise<Generation[]> {
  const { rows } = await db.query<Row>(
    `select ${columns} from lectern.read_models
      where state <> 'retired' and (name, version) in (select * from unnest($1::text[], $2::int[]))
      order by name, generation`,
    [models.map((m) => m.name), models.map((m) => m.version)],
  );
  return rows.map(fromRow);
}

/** Makes the first generation of each read model that has none. Any number of processes may do so at once. */
export async function ensureGenerations(db: Sql, models: readonly { name: string; version: number }[]): Promise<void> {
  await db.query(
    `insert into lectern.read_models (name, version, generation, state)
     select wanted.name, wanted.version, 1 + coalesce((select max(generation) from lectern.read_models r where r.name = wanted.name and r.version = wanted.version), 0), 'building'
       from unnest($1::text[], $2::int[]) as wanted (name, version)
      where not exists (select 1 from lectern.read_models r where r.name = wanted.name and r.version = wanted.version and r.state <> 'retired')
     on conflict do nothing`,
    [models.map((m) => m.name), models.map((m) => m.version)],
  );
}

/** The generation, if it was free, or its lease ran out, or its owner is one of `deadOwners`; else undefined. */
export async function acquire(db: Sql, key: GenerationKey, owner: string, leaseMs: number, deadOwners: readonly string[]): Promise<Generation | undefined> {
  const { rows } = await db.query<Row>(
    `update lectern.read_models set owner = $4, lease_until = now() + $5 * interval '1 millisecond'
      where ${thisOne} and (owner is null or owner = $4 or lease_until < now() or owner = any($6::text[]))
     returning ${columns}`,
    [...ids(key), owner, leaseMs, deadOwners],
  );
  return rows[0] && fromRow(rows[0]);
}

export async function renewLeases(db: Sql, owner: string, leaseMs: number): Promise<void> {
  await db.query(`update lectern.read_models set lease_until = now() + $2 * interval '1 millisecond' where owner = $1 and state <> 'retired'`, [owner, leaseMs]);
}

export async function releaseLeases(db: Sql, owner: string): Promise<void> {
  await db.query(`update lectern.read_models set owner = null, lease_until = null where owner = $1`, [owner]);
}

/**
 * The compare-and-set that every batch's transaction opens with. It holds the row's lock until the commit, so whoever else
 * believes to own this generation waits here, and then finds that the checkpoint is no longer where they left it.
 */
export async function advance(db: Sql, key: GenerationKey, move: { owner: string; logId: string; from: Position; to: Position; events: number }): Promise<boolean> {
  const { rowCount } = await db.query(
    `update lectern.read_models set position = $6, events = events + $7, log_id = $8
      where ${thisOne} and owner = $4 and position = $5 and paused is null and (log_id is null or log_id = $8)`,
    [...ids(key), move.owner, move.from, move.to, move.events, move.logId],
  );
  return rowCount === 1;
}

export async function pauseGeneration(db: Sql, key: GenerationKey, owner: string, at: Position, paused: PauseReason): Promise<boolean> {
  const { rowCount } = await db.query(
    `update lectern.read_models set paused = $6::jsonb where ${thisOne} and owner = $4 and position = $5`,
    [...ids(key), owner, at, JSON.stringify(paused)],
  );
  return rowCount === 1;
}

/** Lets a paused generation try again; with `skipTo`, past the event. @returns false when it is not paused at that event. */
export async function unpause(db: Sql, key: GenerationKey, eventId: string, skipTo?: Position): Promise<boolean> {
  const { rowCount } = await db.query(
    `update lectern.read_models set paused = null, position = coalesce($5, position), events = events + $6 where ${thisOne} and paused ->> 'eventId' = $4`,
    [...ids(key), eventId, skipTo ?? null, skipTo === undefined ? 0 : 1],
  );
  return rowCount === 1;
}

/** Makes the schema and its tables once. Runs in a transaction; the row's lock keeps a second owner out. */
export async function makeSchema(db: Sql, key: GenerationKey, owner: string, schemaSql: (schema: string) => string): Promise<boolean> {
  const { rows } = await db.query<{ schema_made: boolean }>(`select schema_made from lectern.read_models where ${thisOne} and owner = $4 for update`, [...ids(key), owner]);
  if (!rows[0]) return false;
  if (rows[0].schema_made) return true;
  await db.query(`create schema ${schemaOf(key)}`);
  await db.query(schemaSql(schemaOf(key)));
  await db.query(`update lectern.read_models set schema_made = true where ${thisOne}`, ids(key));
  return true;
}

/**
 * Puts a building generation in the place of the live one, if it is not behind it. Runs in a transaction: the lock on the
 * live row waits for its batch in flight and holds up the next.
 */
export async function switchOver(db: Sql, key: GenerationKey, owner: string, head: () => Promise<Position>): Promise<'switched' | 'behind' | 'lost'> {
  const { rows } = await db.query<Row>(
    `select ${columns} from lectern.read_models where name = $1 and version = $2 and state <> 'retired' order by state desc for update`,
    [key.name, key.version],
  );
  const mine = rows.find((row) => row.generation === key.generation);
  if (mine?.owner !== owner || mine.state !== 'building' || mine.paused) return 'lost';
  const live = rows.find((row) => row.state === 'live');
  // A live one that belongs to another log (it refuses to start) cannot be compared with; it is what the rebuild is to replace.
  // Positions may go on where no event is (a filter's checkpoint), so a smaller one is not behind if the head is not past it.
  if (live && live.log_id === mine.log_id && live.position > mine.position && await head() > mine.position) return 'behind';
  if (live) await db.query(`update lectern.read_models set state = 'retired', retired_at = now() where ${thisOne}`, ids(live));
  await db.query(`update lectern.read_models set state = 'live', live_since = now() where ${thisOne}`, ids(key));
  return 'switched';
}

/**
 * Begins a rebuild: a generation after the newest, or the one that is being built already (an interrupted rebuild goes on where it stood).
 * Runs in a transaction. `logId`: a half-built generation of another log is put aside.
 */
export async function beginRebuild(db: Sql, model: { name: string; version: number }, logId: string): Promise<GenerationKey> {
  const of = [model.name, model.version];
  const { rows } = await db.query<Row>(
    `select ${columns} from lectern.read_models where name = $1 and version = $2 and state <> 'retired' order by generation for update`, of);
  const building = rows.find((row) => row.state === 'building');
  if (building && (building.log_id === null || building.log_id === logId)) return { ...model, generation: building.generation };
  if (building) await db.query(`update lectern.read_models set state = 'retired', retired_at = now() where ${thisOne}`, ids(building));
  const { rows: [made] } = await db.query<{ generation: number }>(
    `insert into lectern.read_models (name, version, generation, state)
     select $1, $2, 1 + coalesce(max(generation), 0), 'building' from lectern.read_models where name = $1 and version = $2
     returning generation`, of);
  return { ...model, generation: made?.generation ?? 1 };
}

/**
 * Generations that nobody needs: retired ones, and other versions of a read model whose version of this process is live and
 * that nobody has fed for long (a rolling upgrade is over, a roll-back no longer likely).
 */
export async function listDroppable(db: Sql, models: readonly { name: string; version: number }[], retiredForMs: number, unownedForMs: number): Promise<GenerationKey[]> {
  const { rows } = await db.query<GenerationKey>(
    `select r.name, r.version, r.generation from lectern.read_models r
       join unnest($1::text[], $2::int[]) as mine (name, version) on mine.name = r.name
      where (r.state = 'retired' and r.retired_at < now() - $3 * interval '1 millisecond')
         or (r.version < mine.version and coalesce(r.lease_until, r.created_at) < now() - $4 * interval '1 millisecond'
             and exists (select 1 from lectern.read_models l where l.name = mine.name and l.version = mine.version and l.state = 'live'))`,
    [models.map((m) => m.name), models.map((m) => m.version), retiredForMs, unownedForMs],
  );
  return rows;
}

/** Runs in a transaction. Gives up at once when queries are still reading: there is no hurry. */
export async function dropGeneration(db: Sql, key: GenerationKey): Promise<void> {
  await db.query(`set local lock_timeout = '1s'`);
  await db.query(`drop schema if exists ${schemaOf(key)} cascade`);
  await db.query('delete from lectern.read_models where name = $1 and version = $2 and generation = $3', ids(key));
}
