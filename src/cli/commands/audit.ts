import { auditPool } from '../../projections/audit/auditPool.ts';
import { auditReadModels } from '../../projections/audit/auditReadModels.ts';
import { readModels } from '../../projections/readModels.ts';
import { withCore } from '../core.ts';
import { exit, print, progressLine } from '../output.ts';
import type { CliCommand } from '../program.ts';
import { withReadModels } from '../readModels.ts';

export const auditCommands: CliCommand = (program) => {
  const audit = program.command('audit').description('hold the log and what is folded from it against the rules');

  audit
    .command('pool')
    .description('replay the whole log and check every rule of accounts, agendas and lessons at every event')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const line = progressLine();
      const result = await withCore(({ log, rules }) => auditPool(log, { gapMinutes: rules.gapMinutes, onProgress: (events) => line.show(`${events} events …`) })).finally(line.done);
      const { ok, events, findings, findingCount, accounts, orphanReservations, openLessons } = result;
      const text = [
        ...findings.map(({ kind, at, stream, revision, message }) => `${kind} at ${at} in ${stream} revision ${revision}: ${message}`),
        ...(findingCount > findings.length ? [`… and ${findingCount - findings.length} more`] : []),
        ...orphanReservations.map(({ stream, reservationId, from }) => `left behind: ${reservationId} in ${stream}, for ${from}`),
        ...accounts.map(({ id, capacity, enabled, peakReserved, peakLeased }) => `account ${id}: capacity ${capacity}${enabled ? '' : ', disabled'}, at most ${peakReserved} reserved and ${peakLeased} in use at once`),
        ok ? `No finding in ${events} events: no account was ever booked past its capacity. ${openLessons} lessons are open.` : `${findingCount} findings in ${events} events.`,
      ];
      print(options.json, result, text.join('\n'));
      if (!ok) process.exitCode = exit.failed;
    });

  audit
    .command('read-models')
    .description('fold every read model afresh and compare it with the one that serves, row by row')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const line = progressLine();
      const results = await withCore((core) => withReadModels(core, 'nothing', (engine) =>
        auditReadModels({ log: core.log, db: core.pool, models: readModels, readModels: engine }, { onProgress: (name, events) => line.show(`${name}: ${events} events …`) }),
      )).finally(line.done);
      const text = results.flatMap(({ readModel, outcome, events, tables }) => [
        `${readModel}: ${outcome} after ${events} events`,
        ...tables.filter(({ missing, unexpected }) => missing + unexpected > 0).map(({ table, missing, unexpected }) => `  ${table}: ${missing} rows missing, ${unexpected} unexpected`),
      ]);
      print(options.json, results, text.join('\n'));
      if (results.some(({ outcome }) => outcome !== 'equal')) process.exitCode = exit.failed;
    });
};
