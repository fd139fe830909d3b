import { DomainError } from '../domain/kernel/domainError.ts';
import { withCore } from './core.ts';
import { CommandFailed, exit, print } from './output.ts';
import { withReadModels } from './readModels.ts';

/** The two ways on for a read model that stands before an event it cannot project. */
export type PauseEnding = { how: 'skip'; reason: string } | { how: 'resume' };

/** @returns undefined when neither is asked for @throws CommandFailed (2) when the options do not go together */
export function pauseEnding({ skip, resume, reason }: { skip?: true; resume?: true; reason?: string }): PauseEnding | undefined {
  if (skip && resume) throw new CommandFailed('Either --skip or --resume.', exit.usage);
  if (reason !== undefined && !skip) throw new CommandFailed('--reason is for --skip.', exit.usage);
  if (resume) return { how: 'resume' };
  if (!skip) return undefined;
  const why = reason?.trim() ?? '';
  if (why.length === 0 || why.length > 500) throw new CommandFailed('--skip needs --reason "…", up to 500 characters: it is recorded.', exit.usage);
  return { how: 'skip', reason: why };
}

/** Whoever feeds the read model sees it in its row and goes on. @throws CommandFailed (1) when it is not paused */
export async function endPause(name: string, ending: PauseEnding, json: true | undefined): Promise<void> {
  await withCore((core) => withReadModels(core, 'nothing', async (engine) => {
    try {
      if (ending.how === 'resume') {
        await engine.resume(name);
        print(json, { resumed: name }, `${name} tries its event once more.`);
        return;
      }
      const skipped = await engine.skip(name, ending.reason, { id: 'command line', role: 'admin' });
      print(json, { skipped }, skipped.length === 0 ? `Somebody else was faster: ${name} goes on already.` : `${name} goes past ${skipped.map(({ eventId }) => eventId).join(', ')}.`);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'readModelNotPaused') throw new CommandFailed(`The read model ${name} is not paused.`);
      throw error;
    }
  }));
}
