import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { ImportItem, ImportReport, LessonImports } from '../commands/lessonImport/index.ts';
import type { CommandContext } from '../commands/pipeline/context.ts';
import { CommandFailed, exit, print, progressLine, table } from './output.ts';
import type { CliCommand } from './program.ts';

/** Opens what an import needs for one command, with read models that follow the log even if no server runs, and lets go of it afterwards. */
export type WithImports = <T>(work: (imports: LessonImports) => Promise<T>) => Promise<T>;

type Options = {
  calendar?: string; teacher?: string; provider?: 'zoom' | 'none'; record?: true; dryRun?: true; cancelVanished?: true; undo?: string; json?: true;
};

const MAX_BYTES = 5 * 1024 * 1024;
/** Rows of one outcome that are printed; `--json` has all. */
const SHOWN = 20;

export const createImportCommand = (withImports: WithImports): CliCommand => (program) => {
  program
    .command('import')
    .description('import a timetable (.ics or .csv): one lesson per occurrence, 400 days ahead; the same file again changes nothing')
    .argument('[file]', 'iCalendar or CSV with the columns uid, title, start, duration (or end), teacher, group, zone, provider, autoRecord')
    .option('--dry-run', 'only say what would be done')
    .option('--cancel-vanished', 'cancel lessons of this calendar that the file no longer has')
    .option('--calendar <name>', 'which timetable this is (default: what the file calls itself, else "timetable")')
    .option('--teacher <id or e-mail>', 'who teaches what names no teacher of the school')
    .option('--provider <provider>', 'zoom or none, where the file does not say', provider)
    .option('--record', 'record in the cloud, where the file does not say')
    .option('--undo <importId>', 'instead: cancel what that import scheduled')
    .option('--json', 'as JSON')
    .action(async (file: string | undefined, options: Options) => {
      if ((file === undefined) === (options.undo === undefined)) throw new CommandFailed('Name a file to import, or --undo with the id of an import.', exit.usage);
      if (options.undo !== undefined) return undo(withImports, options.undo, options);
      if (file !== undefined) await importFile(withImports, file, options);
    });
};

const importFile = async (withImports: WithImports, file: string, options: Options): Promise<void> => {
  const size = await stat(file).then(({ size: bytes }) => bytes, () => undefined);
  if (size === undefined) throw new CommandFailed(`There is no file ${file}.`, exit.usage);
  if (size > MAX_BYTES) throw new CommandFailed(`${file} has more than 5 MB.`);
  const bytes = await readFile(file);
  const line = progressLine();
  const report = await withImports((imports) => imports.importLessons({
    file: bytes,
    format: formatOf(file, bytes),
    ...(options.calendar !== undefined && { calendar: options.calendar }),
    ...(options.teacher !== undefined && { teacher: options.teacher }),
    ...(options.provider !== undefined && { provider: options.provider }),
    autoRecord: options.record === true,
    dryRun: options.dryRun === true,
    cancelVanished: options.cancelVanished === true,
  }, byHand(), ({ phase, done, total }) => line.show(phase === 'writing' ? `${bar(done, total)} ${done} of ${total} lessons` : `${phase} …`))).finally(line.done);
  print(options.json, report, inWords(report));
  if (report.counts.refused > 0) process.exitCode = exit.failed;
};

const undo = async (withImports: WithImports, importId: string, { json }: Options): Promise<void> => {
  const report = await withImports((imports) => imports.undo(importId, byHand()));
  print(json, report, `Import ${importId} is undone: ${report.cancelled} lessons cancelled, ${report.kept} kept.`);
};

const byHand = (): CommandContext => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'command-line', role: 'admin' } };
};

const formatOf = (file: string, bytes: Buffer): 'ics' | 'csv' =>
  path.extname(file).toLowerCase() === '.csv' && !/^\uFEFF?BEGIN:VCALENDAR/i.test(bytes.toString('utf8', 0, 40)) ? 'csv' : 'ics';

const provider = (value: string): 'zoom' | 'none' => {
  if (value !== 'zoom' && value !== 'none') throw new InvalidArgumentError('It is zoom or none.');
  return value;
};

const bar = (done: number, total: number): string => {
  const width = 30;
  const filled = total === 0 ? width : Math.floor((done / total) * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
};

const inWords = (report: ImportReport): string => {
  const { counts, notes, items, dryRun, id, calendar } = report;
  const told: ImportItem['outcome'][] = ['moved', 'changed', 'cancelled', 'vanished', 'refused'];
  const lines = told.flatMap((outcome) => {
    const all = items.filter((item) => item.outcome === outcome);
    if (all.length === 0) return [];
    // Occurrences of one event that fare alike are one row.
    const alike = [...Map.groupBy(all, ({ line, title, detail }) => JSON.stringify([line, title, detail])).values()];
    const rows = alike.slice(0, SHOWN).flatMap(([first, ...more]) => first === undefined ? [] : [[
      `  ${first.line === null ? '' : `line ${first.line}`}`, `${first.localStart?.replace('T', ' ') ?? ''}${more.length === 0 ? '' : ` and ${more.length} more`}`, first.title, first.detail ?? '',
    ]]);
    return [`${outcome}:`, table(rows), ...(alike.length > SHOWN ? [`  … and ${alike.length - SHOWN} more (--json lists them)`] : [])];
  });
  const numbers = Object.entries(counts).filter(([, n]) => n > 0).map(([name, n]) => `${n} ${name === 'skippedPast' ? 'past, skipped' : name}`);
  return [
    ...lines,
    ...notes,
    `${dryRun ? 'Nothing was done. Would be: ' : `Calendar “${calendar}”: `}${numbers.length === 0 ? 'nothing' : numbers.join(', ')}.`,
    ...(dryRun ? [] : [`Import ${id}; take it back with: lectern import --undo ${id}`]),
  ].join('\n');
};
