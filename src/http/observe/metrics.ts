import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ReadModelStatus } from '../../projections/engine/readModel.ts';

/** What the parts report; all of it appears at /metrics. Times are seconds, as Prometheus has it. */
export type Metrics = {
  registry: Registry;
  request(method: string, route: string, status: number, seconds: number): void;
  append(outcome: 'appended' | 'conflict' | 'failed', events: number, seconds: number): void;
  /** Appends that one round trip of the store carried. */
  appendBatch(appends: number): void;
  jobRuns: { inc(labels: { job: string; outcome: 'succeeded' | 'failed' }): void };
  vendorCall(vendor: string, operation: string, outcome: string, seconds: number): void;
  /** Asked at each scrape. */
  watchReadModels(status: () => Promise<ReadModelStatus[]>): void;
  watchParkedJobs(count: () => Promise<number>): void;
  text(): Promise<string>;
};

const latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 });

  const requests = new Histogram({ name: 'lectern_http_request_seconds', help: 'Requests by route and status.', labelNames: ['method', 'route', 'status'], buckets: latencies, registers });
  const appends = new Histogram({ name: 'lectern_append_seconds', help: 'Appends to the event log by outcome.', labelNames: ['outcome'], buckets: latencies, registers });
  const appended = new Counter({ name: 'lectern_events_appended_total', help: 'Events appended.', registers });
  const batches = new Histogram({ name: 'lectern_append_batch_size', help: 'Appends carried by one round trip.', buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256], registers });
  const jobRuns = new Counter({ name: 'lectern_job_runs_total', help: 'Job runs by outcome.', labelNames: ['job', 'outcome'], registers });
  const vendorCalls = new Histogram({ name: 'lectern_vendor_call_seconds', help: 'Calls to vendors by outcome.', labelNames: ['vendor', 'operation', 'outcome'], buckets: latencies, registers });

  // Binding labels costs more than counting: each combination is bound once.
  const bound = new Map<string, { observe(seconds: number): void }>();
  const requestOf = (method: string, route: string, status: number): { observe(seconds: number): void } => {
    const key = `${method} ${route} ${status}`;
    let child = bound.get(key);
    if (!child) bound.set(key, (child = requests.labels(method, route, String(status))));
    return child;
  };
  const appendOf = { appended: appends.labels('appended'), conflict: appends.labels('conflict'), failed: appends.labels('failed') };

  return {
    registry,
    request: (method, route, status, seconds) => requestOf(method, route, status).observe(seconds),
    append(outcome, events, seconds) {
      appendOf[outcome].observe(seconds);
      if (outcome === 'appended') appended.inc(events);
    },
    appendBatch: (size) => batches.observe(size),
    jobRuns: { inc: (labels) => jobRuns.inc(labels) },
    vendorCall: (vendor, operation, outcome, seconds) => vendorCalls.labels(vendor, operation, outcome).observe(seconds),
    watchReadModels(status) {
      const gauge = (name: string, help: string, valueOf: (model: ReadModelStatus) => number): void => void new Gauge({
        name, help, labelNames: ['read_model'], registers,
        async collect() {
          // A scrape must work while Postgres is away: then it keeps what it last said.
          for (const model of await status().catch(() => [])) this.labels(model.name).set(valueOf(model));
        },
      });
      gauge('lectern_read_model_lag_seconds', 'How far a read model is behind the log.', (model) => model.lagMs / 1_000);
      gauge('lectern_read_model_paused', '1 while a read model stands before an event that it cannot project.', (model) => (model.state === 'paused' ? 1 : 0));
    },
    watchParkedJobs(count) {
      void new Gauge({
        name: 'lectern_parked_jobs', help: 'Reactor jobs that wait for a hand.', registers,
        async collect() {
          const parked = await count().catch(() => undefined);
          if (parked !== undefined) this.set(parked);
        },
      });
    },
    text: () => registry.metrics(),
  };
}
