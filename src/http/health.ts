import { z } from 'zod';
import { defineRoute, type Route } from './route.ts';

/** Throws, or never comes back, when the dependency is away. */
export type HealthCheck = { name: string; check(): Promise<void> };

export type HealthDeps = {
  checks: readonly HealthCheck[];
  isDraining(): boolean;
  metricsText(): Promise<string>;
  /** How long one check may take. Default 2 s. */
  checkWithinMs?: number;
};

const dependency = z.strictObject({ name: z.string().max(100), status: z.enum(['up', 'down']) });
const readiness = z.strictObject({ status: z.enum(['ready', 'notReady', 'draining']), dependencies: z.array(dependency).max(50) }).meta({ id: 'Readiness' });

/** Alive: the process answers. Ready: everything that it needs is there, and it is not about to go. */
export function healthRoutes(deps: HealthDeps): Route[] {
  const common = { base: '', tag: 'Operation', access: 'public', kind: 'query', unlimited: true, problems: [] } as const;
  const withinMs = deps.checkWithinMs ?? 2_000;
  return [
    defineRoute({
      ...common, method: 'get', path: '/livez', operationId: 'isAlive', summary: 'Whether the process answers',
      response: { status: 200, schema: z.strictObject({ status: z.literal('alive') }) },
      handler: () => Promise.resolve({ body: { status: 'alive' as const } }),
    }),
    defineRoute({
      ...common, method: 'get', path: '/readyz', operationId: 'isReady', summary: 'Whether everything that is needed is there',
      response: { status: 200, schema: readiness },
      otherResponses: [{ status: 503, description: 'Something is away, or the server is stopping.', schema: readiness }],
      handler: async () => {
        const dependencies = await Promise.all(deps.checks.map(async ({ name, check }) => ({ name, status: (await isUp(check, withinMs)) ? ('up' as const) : ('down' as const) })));
        const status = deps.isDraining() ? ('draining' as const) : dependencies.every((one) => one.status === 'up') ? ('ready' as const) : ('notReady' as const);
        return { status: status === 'ready' ? 200 : 503, body: { status, dependencies } };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/metrics', operationId: 'readMetrics', summary: 'Metrics in the text format of Prometheus',
      response: { status: 200, schema: z.string().max(1_000_000), contentType: 'text/plain; version=0.0.4; charset=utf-8' },
      handler: async () => ({ body: await deps.metricsText() }),
    }),
  ];
}

async function isUp(check: () => Promise<void>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => { timer = setTimeout(() => resolve(false), withinMs); });
  try {
    return await Promise.race([check().then(() => true, () => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
