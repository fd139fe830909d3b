import { aggregate } from '../kernel/decider.ts';
import { decideZoomAccount, type ZoomAccountCommand } from './decide.ts';
import { zoomAccountEvents } from './events.ts';
import { evolveZoomAccount } from './evolve.ts';
import { noAccount, type ZoomAccount } from './state.ts';

export { overCapacity, toBeRecorded, type ZoomAccountCommand } from './decide.ts';
export type { ZoomAccountEvent } from './evolve.ts';
export type { ZoomAccount } from './state.ts';

/** Stream `zoomAccount-<accountId>`. */
export const zoomAccount = aggregate<ZoomAccount, ZoomAccountCommand, typeof zoomAccountEvents>({
  category: 'zoomAccount',
  events: zoomAccountEvents,
  decider: { initial: noAccount, evolve: evolveZoomAccount, decide: decideZoomAccount },
});
