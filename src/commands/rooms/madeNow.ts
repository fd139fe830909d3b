import { DomainError } from '../../domain/kernel/domainError.ts';
import { EventStoreError } from '../../ports/eventStore.ts';
import { UnreadableBoard } from './live/keptBoards.ts';

/**
 * For work on kept boards. That the thread died or the database is away is no fault of what was asked, and costs nothing: another try may do.
 * @throws `roomUnavailable` then; refusals, the log's own errors and a board that nobody can read stay what they are
 */
export async function madeNow<T>(roomId: string, logger: { error(facts: object, message: string): void }, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError || error instanceof EventStoreError || error instanceof UnreadableBoard) throw error;
    logger.error({ err: error, roomId }, 'a board cannot be made now; the log has it all');
    throw new DomainError('roomUnavailable', 'the board cannot be made right now; nothing is lost, try again in a moment');
  }
}
