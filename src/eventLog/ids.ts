import { v5 } from 'uuid';

/**
 * A UUID (version 5, RFC 9562) that the same command always derives again: ids of its events and of the aggregates it makes.
 * Parts are joined with `/`, after their own slashes and backslashes are escaped, so that ('a/b') and ('a', 'b') differ.
 * @param commandId a UUID
 */
export const deriveId = (commandId: string, ...parts: readonly (string | number)[]): string =>
  v5(parts.map((part) => String(part).replace(/[\\/]/g, '\\$&')).join('/'), commandId);
