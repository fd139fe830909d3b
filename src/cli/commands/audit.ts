import { inspect } from 'node:util';
import { aggregates } from '../../domain/aggregates.ts';
import type { Aggregate } from '../../domain/kernel/decider.ts';
import type { EventTypes } from '../../domain/kernel/eventType.ts';
import { stateAsOf } from '../../eventLog/stateAsOf.ts';
import { auditPool } from '../../projections/audit/auditPool.ts';
import { auditRooms } from '../../projections/audit/auditRooms.ts';
import { auditReadModels } from '../../projections/audit/auditReadModels.ts';
import { readModels } from '../../projections/readModels.ts';
import { withCore } from '../core.ts';
import { CommandFailed, exit, print, progressLine } from '../output.ts';
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
    .command('rooms')
    .description('replay the whole log and check every rule of lesson rooms and their boards at every event')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const line = progressLine();
      const result = await withCore(({ log }) => auditRooms(log, { onProgress: (events) => line.show(`${events} events …`) })).finally(line.done);
      const { ok, events, rooms, groups, findings, findingCount } = result;
      const text = [
        ...findings.map(({ kind, at, stream, revision, message }) => `${kind} at ${at} in ${stream} revision ${revision}: ${message}`),
        ...(findingCount > findings.length ? [`… and ${findingCount - findings.length} more`] : []),
        ok ? `No finding in ${events} events: ${rooms} rooms, ${groups} op groups, each allowed to its author when it was written.` : `${findingCount} findings in ${events} events.`,
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

  audit
    .command('state')
    .description('what a stream came to at a moment, folded from the log alone')
    .argument('<stream>', 'e.g. lesson-<id>, zoomAccount-<id>, teacherAgenda-<person>')
    .option('--revision <n>', 'after this revision')
    .option('--at <time>', 'with everything that occurred until this instant (RFC 3339)')
    .option('--json', 'as JSON')
    .action(async (stream: string, options: { revision?: string; at?: string; json?: true }) => {
      const category = stream.split('-', 1)[0];
      const aggregate = (aggregates as readonly unknown[] as readonly Aggregate<unknown, unknown, EventTypes>[]).find((one) => one.category === category);
      if (!aggregate) throw new CommandFailed(`No aggregate has streams like ${stream}: ${aggregates.map((one) => `${one.category}-…`).join(', ')}.`, exit.usage);
      const revision = options.revision === undefined ? undefined : Number(options.revision);
      if (revision !== undefined && !(Number.isInteger(revision) && revision >= 0)) throw new CommandFailed('--revision is a whole number from 0.', exit.usage);
      if (options.at !== undefined && Number.isNaN(Date.parse(options.at))) throw new CommandFailed('--at is an instant, e.g. 2026-03-02T17:00:00Z.', exit.usage);
      const found = await withCore(({ log }) => stateAsOf(log, aggregate, stream, {
        ...(revision === undefined ? {} : { revision }), ...(options.at === undefined ? {} : { at: options.at }),
      }));
      if (found.revision < 0) throw new CommandFailed(`Nothing had happened to ${stream} by then.`);
      print(options.json, found, `${stream} after revision ${found.revision} (${found.occurredAt ?? ''}):\n${inspect(found.state, { depth: 8, colors: false, maxArrayLength: 200 })}`);
    });
};
