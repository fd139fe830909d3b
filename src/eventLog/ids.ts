import { hash } from 'node:crypto';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A UUID (version 5, RFC 9562) that the same command always derives again: ids of its events and of the aggregates it makes.
 * Parts are joined with `/`, after their own slashes and backslashes are escaped, so that ('a/b') and ('a', 'b') differ.
 *
 * Ours, because it is called a dozen times per command and Node's one-shot hash takes half the time of the package `uuid`; a test
 * holds it equal to that package.
 * @param commandId a UUID
 * @throws TypeError when it is none
 */
export function deriveId(commandId: string, ...parts: readonly (string | number)[]): string {
  if (!uuid.test(commandId)) throw new TypeError('a command id is a UUID');
  const name = Buffer.from(parts.map(escaped).join('/'));
  const bytes = Buffer.allocUnsafe(16 + name.length);
  bytes.write(commandId.replaceAll('-', ''), 'hex');
  name.copy(bytes, 16);
  const hex = hash('sha1', bytes, 'hex');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3] ?? '8';
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const escaped = (part: string | number): string => {
  const text = String(part);
  return text.includes('/') || text.includes('\\') ? text.replace(/[\\/]/g, '\\$&') : text;
};
