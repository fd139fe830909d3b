import { DomainError } from '../../domain/kernel/domainError.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { CommandContext } from '../pipeline/context.ts';

const mostAttempts = 4;

/** One attempt of a command that reserves something for a lesson. */
export type Attempt = {
  /**
   * The reservation's name: the same at every repeat that finds the lesson where it was. One that finds it elsewhere wants something else, and
   * must not take what an earlier run reserved for what it wants itself.
   */
  reservationFor(seen: { reservationId: string; agendaReservationId: string }): string;
  /** A step's name, the same at every repeat. */
  step(name: string): string;
};

/** The lesson is not what this attempt began with, or its place was swept away while it slept: worth another attempt, with a place of another name. */
const beginAgain = new Set(['lessonChanged', 'placeForfeited']);

/** Begins again with the lesson as it is now when this attempt came too late; what it reserved is undone by then. */
export async function attempts<Result>(ctx: CommandContext, lessonId: string, run: (attempt: Attempt) => Promise<Result>): Promise<Result> {
  for (let n = 1; ; n += 1) {
    try {
      return await run({
        reservationFor: (seen) => `${lessonId}.${deriveId(ctx.commandId, 'place', n, seen.reservationId, seen.agendaReservationId).slice(0, 8)}`,
        step: (name) => (n === 1 ? name : `${name}#${n}`),
      });
    } catch (error) {
      if (!(error instanceof DomainError && beginAgain.has(error.code)) || n === mostAttempts) throw error;
    }
  }
}
