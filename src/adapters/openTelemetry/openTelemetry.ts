import type { Span } from '@opentelemetry/api';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { SpanAttributes, Trace } from '../../ports/trace.ts';

export type Tracing = Trace & {
  /** Sends what is left, for 5 s at most. */
  stop(): Promise<void>;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether somebody wants traces, by the standard's own variables: an OTLP endpoint, or a traces exporter that is not `none`.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function wantsTraces(environment: Environment): boolean {
  if (environment['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  const exporter = environment['OTEL_TRACES_EXPORTER']?.trim();
  if (exporter === 'none') return false;
  return Boolean(exporter ?? environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT']);
}

/**
 * OpenTelemetry's SDK, set up by its own OTEL_* variables of this process (exporter, protocol, sampler, service name …). It is
 * loaded here and only here: without those variables it costs not a byte.
 * @returns undefined when nobody wants traces
 */
export async function startTracing(environment: Environment, log: { warn(message: string): void }): Promise<Tracing | undefined> {
  if (!wantsTraces(environment)) return undefined;
  const [{ context, diag, DiagLogLevel, propagation, SpanKind, SpanStatusCode, trace }, { NodeSDK }] = await Promise.all([import('@opentelemetry/api'), import('@opentelemetry/sdk-node')]);
  // By default the SDK also tells the process's owner and command line.
  process.env['OTEL_NODE_RESOURCE_DETECTORS'] ||= 'env,host,os';
  const isNamed = environment['OTEL_SERVICE_NAME'] !== undefined || environment['OTEL_RESOURCE_ATTRIBUTES']?.includes('service.name=') === true;
  /** A trace that begins here bears the id that logs, problems and events have: the request's. */
  let traceIdOfRoot: string | undefined;
  const sdk = new NodeSDK({
    ...(isNamed ? {} : { serviceName: 'lectern' }),
    idGenerator: { generateTraceId: () => traceIdOfRoot ?? randomHex(16), generateSpanId: () => randomHex(8) },
    metricReaders: [], // Prometheus has them
    logRecordProcessors: [],
  });
  const report = (message: string) => log.warn(`OpenTelemetry: ${message}`);
  diag.setLogger({ error: report, warn: report, info: () => undefined, debug: () => undefined, verbose: () => undefined }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  sdk.start();
  const tracer = trace.getTracer('lectern');

  const failed = (span: Span, error: unknown): void => {
    // The message may quote somebody's words; its kind does not.
    const kind = error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown';
    span.setAttribute('error.type', kind);
    // A refusal is an answer.
    if (!(error instanceof DomainError)) span.setStatus({ code: SpanStatusCode.ERROR });
  };
  const add = (span: Span, attributes: SpanAttributes): void => {
    span.setAttributes(present(attributes));
    if (Number(attributes['http.response.status_code']) >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  };

  return {
    run(name, attributes, work, from) {
      const parent = from ? propagation.extract(context.active(), from.headers) : context.active();
      traceIdOfRoot = from?.traceId;
      const span = tracer.startSpan(name, { kind: from ? SpanKind.SERVER : SpanKind.INTERNAL, attributes: present(attributes) }, parent);
      traceIdOfRoot = undefined;
      return context.with(trace.setSpan(parent, span), async () => {
        try {
          return await work((more) => add(span, more));
        } catch (error) {
          failed(span, error);
          throw error;
        } finally {
          span.end();
        }
      });
    },
    called(name, attributes, durationMs, isFailure) {
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes: present(attributes), startTime: Date.now() - durationMs });
      if (isFailure) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([sdk.shutdown().catch(() => undefined), new Promise((resolve) => { timer = setTimeout(resolve, 5_000); })]);
      clearTimeout(timer);
      // The next server of this process (after a restore) sets up its own.
      for (const part of [trace, context, propagation, diag]) part.disable();
    },
  };
}

function present(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const there: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) there[name] = value;
  return there;
}

const randomHex = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
