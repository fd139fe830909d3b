import { closeCodes, limits } from '../../../commands/rooms/protocol/closeCodes.ts';
import { channels } from '../../../commands/rooms/protocol/envelope.ts';
import { transcript } from './transcript.ts';
import { words } from './words.ts';

const row = (...cells: readonly (string | number)[]): string => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

/** The part of docs/rooms-protocol.md that says what the code says: messages, close codes, limits, a conversation. Markdown. */
export function protocolTables(): string {
  const messages = channels.flatMap((channel) => [
    `### ${channel}`,
    table(['from', 't', 'is'], (['client', 'server'] as const).flatMap((by) => Object.entries(words[channel][by]).map(([t, text]) => [by, `\`${t}\``, text]))),
  ]);
  const codes = table(['code', 'reason', 'retry', 'means'], Object.entries(closeCodes).map(([code, { reason, retry, means }]) => [code, reason, retry, means]));
  const bounds = table(['limit', 'value'], Object.entries(limits).map(([name, value]) => [`\`${name}\``, value]));
  const lines = transcript.map((line) => `${line.by === 'client' ? '→' : '←'} ${'close' in line ? `close ${line.close}` : JSON.stringify(line.message)}${line.note === '' ? '' : `\n    ${line.note}`}`);
  return ['## Messages', ...messages, '## Close codes', codes, '## Limits', 'Bytes, milliseconds, counts; also in `welcome.limits`.', bounds, '## A conversation', `\`\`\`\n${lines.join('\n')}\n\`\`\``].join('\n\n');
}
