import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ReadModelStatus } from '../../projections/engine/readModel.ts';

/** What the parts report; all of it appears at /metrics. Times are seconds, as Prometheus has it. */
export type Metrics = {
  registry: Registry;
  request(method: string, route: string, status: number, seconds: number): void;
  append(outcome: 'appended' | 'conflict' | 'failed', events: number, seconds: number): void;
  /** Appends that one round trip of the store carried. */
  appendBatch(appends: number): void;
  jobRun(job: string, outcome: 'succeeded' | 'failed', seconds: number): void;
  vendorCall(vendor: string, operation: string, outcome: string, seconds: number): void;
  webhook(source: string, outcome: string): void;
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
  const jobRuns = new Histogram({ name: 'lectern_job_run_seconds', help: 'Job runs by outcome.', labelNames: ['job', 'outcome'], buckets: [...latencies, 30, 120], registers });
  const vendorCalls = new Histogram({ name: 'lectern_vendor_call_seconds', help: 'Calls to vendors by outcome.', labelNames: ['vendor', 'operation', 'outcome'], buckets: latencies, registers });
  const webhooks = new Counter({ name: 'lectern_webhooks_total', help: 'Webhook deliveries by outcome.', labelNames: ['source', 'outcome'], registers });

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
    jobRun: (job, outcome, seconds) => jobRuns.labels(job, outcome).observe(seconds),
    vendorCall: (vendor, operation, outcome, seconds) => vendorCalls.labels(vendor, operation, outcome).observe(seconds),
    webhook: (source, outcome) => webhooks.labels(source, outcome).inc(),
    watchReadModels(status) {
      const paused = new Gauge({ name: 'lectern_read_model_paused', help: '1 while a read model stands before an event that it cannot project.', labelNames: ['read_model'], registers });
      void new Gauge({
        name: 'lectern_read_model_lag_seconds', help: 'How far a read model is behind the log.', labelNames: ['read_model'], registers,
        async collect() {
          // A scrape must work while Postgres is away: then these two keep what they last said.
          for (const model of await status().catch(() => [])) {
            this.labels(model.name).set(model.lagMs / 1_000);
            paused.labels(model.name).set(model.state === 'paused' ? 1 : 0);
          }
        },
      });
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
