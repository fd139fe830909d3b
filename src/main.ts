import type pg from 'pg';
import { createSchoolClock, type SchoolClock } from './adapters/clock/schoolClock.ts';
import { createPostgresEventStore } from './adapters/eventStore/postgres/eventStore.ts';
import { tracedPipeline, tracedStore } from './adapters/openTelemetry/traced.ts';
import { createPostgresLogContents } from './adapters/logContents/postgresLogContents.ts';
import { createPostgresPersonKeys } from './adapters/personKeys/postgresPersonKeys.ts';
import { createPool } from './adapters/postgres/pool.ts';
import { createProcessIdentity, type ProcessIdentity } from './adapters/processes/processIdentity.ts';
import { createMasterKeys, type MasterKeys } from './adapters/secrets/masterKeys.ts';
import { createPostgresSecrets } from './adapters/secrets/postgresSecrets.ts';
import { createPipeline, type Pipeline } from './commands/pipeline/pipeline.ts';
import type { SchoolRules } from './commands/schoolRules.ts';
import type { Config } from './config.ts';
import { schoolEvents } from './domain/schoolEvents.ts';
import { createCodec } from './eventLog/codec.ts';
import { createEventLog, type EventLog } from './eventLog/eventLog.ts';
import type { Log } from './http/observe/logs.ts';
import { measuredStore } from './http/observe/measuredStore.ts';
import { createMetrics, type Metrics } from './http/observe/metrics.ts';
import type { EventStore } from './ports/eventStore.ts';
import type { LogContents } from './ports/logContents.ts';
import type { Secrets } from './ports/secrets.ts';
import type { Trace } from './ports/trace.ts';

/** A configuration whose keys are there. */
export type Settings = Config & { readonly LECTERN_MASTER_KEY: string };

/** What every process needs, whatever it does: the log, the pipeline, Postgres. Nothing runs yet. */
export type Core = {
  settings: Settings;
  rules: SchoolRules;
  databaseUrl: string;
  logger: Log;
  metrics: Metrics;
  /** Undefined: nobody collects traces. */
  trace: Trace | undefined;
  process: ProcessIdentity;
  pool: pg.Pool;
  master: MasterKeys;
  secrets: Secrets;
  store: EventStore;
  log: EventLog;
  contents: LogContents;
  clock: SchoolClock;
  pipeline: Pipeline;
  close(): Promise<void>;
};

/** Connections of the shared pool: queries, engines, job bookkeeping. The log's store has its own. */
const poolSize = 20;

/** @param databaseUrl of a migrated database */
export async function openCore(settings: Settings, databaseUrl: string, logger: Log, trace?: Trace): Promise<Core> {
  const log = { warn: (message: string) => logger.warn(message) };
  const metrics = createMetrics();
  const pool = createPool({ url: databaseUrl, applicationName: 'lectern', max: poolSize, log });
  const master = createMasterKeys(settings.LECTERN_MASTER_KEY, settings.LECTERN_PREVIOUS_MASTER_KEYS);
  const bare = measuredStore(
    settings.EVENTSTORE_URL === undefined
      ? createPostgresEventStore({ url: databaseUrl, log, onBatch: ({ appends }) => metrics.appendBatch(appends) })
      : await openEventStoreDb(settings.EVENTSTORE_URL),
    metrics,
  );
  const store = trace ? tracedStore(bare, trace) : bare;
  const close = async () => {
    await store.close();
    await pool.end();
  };
  try {
    const clock = await createSchoolClock(pool);
    const eventLog = createEventLog(store, createCodec(schoolEvents, createPostgresPersonKeys(pool, master)));
    const rules: SchoolRules = {
      timeZone: settings.SCHOOL_TIME_ZONE, gapMinutes: settings.LECTERN_GAP_MINUTES,
      startWindowMinutes: settings.LECTERN_START_EARLY_MINUTES, graceMinutes: settings.LECTERN_RELEASE_GRACE_MINUTES,
    };
    const pipeline = createPipeline(eventLog, clock);
    return {
      settings, rules, databaseUrl, logger, metrics, trace, process: createProcessIdentity(), pool, master, secrets: createPostgresSecrets(pool, master),
      store, log: eventLog, contents: createPostgresLogContents(pool, store), clock, pipeline: trace ? tracedPipeline(pipeline, trace) : pipeline, close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Its client is only read where it is wanted: it is a tenth of what a process keeps in memory. */
export async function openEventStoreDb(url: string): Promise<EventStore> {
  const { createEventStoreDb } = await import('./adapters/eventStore/eventStoreDb/eventStoreDb.ts');
  return createEventStoreDb({ url });
}
