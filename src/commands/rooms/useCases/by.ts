import type { By } from '../../../domain/room/index.ts';
import type { CommandContext } from '../../pipeline/context.ts';

/** On whose word: an admin's counts from wherever, anybody else's by their role in the room's stream. */
export const byActor = ({ actor }: CommandContext): By => ({ personId: actor.id, authority: actor.role === 'admin' ? 'school' : 'room' });

/** Our own clockwork: a reactor, a job. */
export const byClockwork = ({ actor }: CommandContext): By => ({ personId: actor.id, authority: 'system' });
