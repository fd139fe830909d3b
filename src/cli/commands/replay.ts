import { readModels } from '../../projections/readModels.ts';
import { withCore } from '../core.ts';
import { CommandFailed, exit, print, progressLine } from '../output.ts';
import { endPause, pauseEnding } from '../pausedReadModel.ts';
import type { CliCommand } from '../program.ts';
import { withReadModels } from '../readModels.ts';

export const replayCommand: CliCommand = (program) => {
  const names = readModels.map(({ name }) => name);
  program
    .command('replay')
    .description('rebuild read models from the log beside the ones that serve, then switch; nothing outside is called. Interrupted, it goes on where it was')
    .argument('[readModel]', names.join(' | '))
    .option('--all', 'every read model')
    .option('--skip', 'no rebuild: let the paused read model go past the event that it cannot project; needs --reason and is recorded')
    .option('--reason <text>', 'why that event may be left out')
    .option('--resume', 'no rebuild: have the paused read model try its event once more')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, options: { all?: true; json?: true; skip?: true; reason?: string; resume?: true }) => {
      if ((name === undefined) === (options.all === undefined)) throw new CommandFailed('Name one read model, or --all.', exit.usage);
      if (name !== undefined && !names.includes(name)) throw new CommandFailed(`There is no read model ${name}: ${names.join(', ')}.`, exit.usage);
      const ending = pauseEnding(options);
      if (ending) {
        if (name === undefined) throw new CommandFailed('Name the read model that is paused; --all is for rebuilding.', exit.usage);
        return endPause(name, ending, options.json);
      }
      const wanted = name === undefined ? 'all' : [name];
      const interrupted = new AbortController();
      const stop = () => interrupted.abort(new CommandFailed('Interrupted. The same command goes on from here.'));
      process.once('SIGINT', stop).once('SIGTERM', stop);
      const line = progressLine();
      const began = performance.now();
      let events = 0;
      await withCore((core) => withReadModels(core, 'rebuilds', async (engine) => {
        await engine.replay(wanted, {
          signal: interrupted.signal,
          onProgress: ({ events: done, totalEvents, eventsPerSecond, etaSeconds }) => {
            events = done;
            line.show(`${bar(done, totalEvents)} ${done} events, ${Math.round(eventsPerSecond)}/s${etaSeconds === undefined ? '' : `, ${Math.ceil(etaSeconds)} s to go`}`);
          },
        });
      })).finally(() => {
        line.done();
        process.off('SIGINT', stop).off('SIGTERM', stop);
      });
      const seconds = (performance.now() - began) / 1_000;
      const rebuilt = name === undefined ? names : [name];
      print(options.json, { rebuilt, events, seconds }, `Rebuilt ${rebuilt.join(', ')} from ${events} events in ${seconds.toFixed(1)} s.`);
    });
};

function bar(done: number, total: number | undefined): string {
  const width = 30;
  const filled = total === undefined || total === 0 ? 0 : Math.min(width, Math.floor((done / total) * width));
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
}
