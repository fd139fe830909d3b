import { DomainError } from '../../domain/kernel/domainError.ts';
import { lessonImport } from '../../domain/lessonImport/index.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { mapLimited } from '../mapLimited.ts';
import type { ImportDeps } from './importLessons.ts';
import { cancelReasons, type ImportStatus, type UndoReport } from './types.ts';

type UndoDeps = Pick<ImportDeps, 'pipeline' | 'clock' | 'lessons' | 'known'>;

/**
 * Cancels what that one import scheduled and has not begun, also where it was moved since. What it moved or changed stays. Again: nothing more to do.
 * @throws DomainError `importNotFound`, `readModelBehind`
 */
export const createUndoImport = ({ pipeline, clock, lessons, known }: UndoDeps) => async (importId: string, ctx: CommandContext): Promise<UndoReport> => {
  await statusOf(pipeline, importId);
  await known.upToDate();
  const now = clock.now().toISOString();
  const made = await known.ofImport(importId);
  const ahead = made.filter(({ status, startsAt }) => status === 'scheduled' && startsAt > now);
  const answers = await mapLimited(ahead, 24, async ({ lessonId }) => {
    const own = { ...ctx, commandId: deriveId(ctx.commandId, 'undo', lessonId), causationId: ctx.commandId };
    try {
      return (await lessons.cancel({ lessonId, reason: cancelReasons.undone }, own)).position;
    } catch (error) {
      if (error instanceof DomainError) return undefined; // it began or ended in this moment
      throw error;
    }
  });
  const positions = answers.filter((position) => position !== undefined);
  const cancelled = positions.length;
  const kept = made.filter(({ status }) => status !== 'cancelled').length - cancelled;
  const executed = await pipeline.execute(lessonImport, importId, { type: 'undo', importId, cancelled, kept }, ctx, { step: 'undo' });
  return { id: importId, revision: executed.revision, position: [executed.position, ...positions].reduce((a, b) => (a > b ? a : b)), cancelled, kept };
};

/** @throws DomainError `importNotFound` */
export const createImportStatus = ({ pipeline }: Pick<ImportDeps, 'pipeline'>) => (importId: string): Promise<ImportStatus> => statusOf(pipeline, importId);

const statusOf = async (pipeline: ImportDeps['pipeline'], importId: string): Promise<ImportStatus> => {
  const { state, revision, position } = await pipeline.load(lessonImport, importId, { fresh: true });
  if (state.status === 'none') throw new DomainError('importNotFound', 'there is no such import', { importId });
  const { calendar, format, cancelVanished } = state.started;
  return { id: importId, revision, position, status: state.status, calendar, format, cancelVanished, counts: state.counts };
};
