import { z } from 'zod';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { eventRoutes, type EventRouteDeps } from './eventExplorer.ts';
import { instantField } from './fields.ts';

export type SystemRouteDeps = EventRouteDeps & {
  /** Only while every vendor is a sandbox: the clock that an admin may move. */
  sandboxClock?: { now(): Date; offsetMs(): number; moveTo(instant: Date): Promise<void> };
};

const clockSchema = z.strictObject({ now: z.iso.datetime(), offsetMs: z.int().describe('How far it is ahead of real time.') }).meta({ id: 'Clock' });
const farthest = 3 * 366 * 86_400_000;

/** The event log for auditors, and the school's clock where it may be moved. */
export function systemRoutes(deps: SystemRouteDeps): Route[] {
  const { sandboxClock: clock } = deps;
  if (!clock) return eventRoutes(deps);
  const common = { base: '', path: '/_sandbox/clock', tag: 'Sandbox', access: ['admin'] } as const;
  const shown = () => ({ now: clock.now().toISOString(), offsetMs: Math.round(clock.offsetMs()) });
  return [
    ...eventRoutes(deps),
    defineRoute({
      ...common, method: 'get', operationId: 'readClock', summary: 'The school\'s time', kind: 'query', problems: [],
      response: { status: 200, schema: clockSchema },
      handler: () => Promise.resolve({ body: shown() }),
    }),
    defineRoute({
      ...common, method: 'post', operationId: 'moveClock', summary: 'Move the school\'s clock forwards', kind: 'command', problems: ['clockRunsBack'],
      description: 'Only while every vendor is a sandbox. Tokens and signatures keep real time',
      request: { body: z.union([z.strictObject({ to: instantField }), z.strictObject({ byMinutes: z.int().min(1).max(1_600_000) })]) },
      response: { status: 200, schema: clockSchema },
      handler: async ({ body }) => {
        const wanted = 'to' in body ? new Date(body.to) : new Date(clock.now().getTime() + body.byMinutes * 60_000);
        if (wanted.getTime() > Date.now() + farthest) throw refusal('invalidRequest', 'That is more than three years ahead.');
        try {
          await clock.moveTo(wanted);
        } catch (error) {
          if (error instanceof Error && error.name === 'ClockRunsBack') throw refusal('clockRunsBack', 'The school\'s clock only moves forwards.', shown());
          throw error;
        }
        return { body: shown() };
      },
    }),
  ];
}
