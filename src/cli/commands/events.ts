import { once } from 'node:events';
import { findEvents } from '../../eventLog/findEvents.ts';
import { exportFormats, exportHeading, exportLine, type ExportFormat } from '../../eventLog/exportFormats.ts';
import type { Decoded } from '../../eventLog/recorded.ts';
import { withCore } from '../core.ts';
import { CommandFailed, exit } from '../output.ts';
import type { CliCommand } from '../program.ts';

type Options = { stream?: string; type?: string[]; person?: string; from?: string; to?: string; format: string; limit?: string };

export const eventsCommand: CliCommand = (program) => {
  program
    .command('events')
    .description('print events of the log, oldest first, one a line')
    .option('--stream <stream>', 'only this stream, e.g. lesson-<id>')
    .option('--type <type...>', 'only these types, e.g. LessonScheduled')
    .option('--person <id>', 'only what this person caused')
    .option('--from <time>', 'not before this instant (RFC 3339)')
    .option('--to <time>', 'before this instant (RFC 3339)')
    .option('--format <format>', exportFormats.join(' | '), 'ndjson')
    .option('--limit <count>', 'at most so many')
    .option('--json', 'the same as --format ndjson')
    .action(async (options: Options) => {
      const format = exportFormats.find((known): known is ExportFormat => known === options.format);
      if (!format) throw new CommandFailed(`--format is one of ${exportFormats.join(', ')}.`, exit.usage);
      const limit = options.limit === undefined ? Infinity : Number(options.limit);
      if (!(limit > 0)) throw new CommandFailed('--limit is a number from 1.', exit.usage);
      const [from, to] = [instant(options.from, '--from'), instant(options.to, '--to')];
      await withCore(async ({ log, contents }) => {
        const heading = exportHeading(format);
        if (heading !== undefined) await write(heading);
        let left = limit;
        const pages = options.stream === undefined ? findEvents(log, contents, { types: options.type, person: options.person }, { direction: 'forwards' }) : [await log.readStream(options.stream)];
        for await (const page of pages) {
          for (const decoded of page) {
            if (!wanted(decoded, options, from, to)) continue;
            await write(decoded.ok ? exportLine(decoded.event, format) : JSON.stringify({ unreadable: decoded.error, ...decoded.raw }));
            left -= 1;
            if (left <= 0) return;
          }
        }
      });
    });
};

function wanted(decoded: Decoded, options: Options, from: number, to: number): boolean {
  const { type, metadata } = decoded.ok ? decoded.event : decoded.raw;
  if (options.type && !options.type.includes(type)) return false;
  if (options.person !== undefined && metadata.actor.id !== options.person) return false;
  const at = Date.parse(metadata.occurredAt);
  return !(at < from) && !(at >= to);
}

function instant(text: string | undefined, option: string): number {
  if (text === undefined) return Number.NaN;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new CommandFailed(`${option} is an instant, e.g. 2026-03-02T17:00:00Z.`, exit.usage);
  return at;
}

async function write(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
