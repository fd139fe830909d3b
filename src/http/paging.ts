import { z } from 'zod';
import { DomainError } from '../domain/kernel/domainError.ts';

/**
 * Keyset paging: a cursor is the sort key of the last row shown, so lists are stable under inserts. Ask the database for
 * `limit + 1` rows after the cursor's key, in key order, and hand them to `pageOf`.
 */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many items at most.'),
  cursor: z.string().min(1).max(1000).optional().describe('`nextCursor` of the page before. Opaque.'),
};

export type CursorKey = readonly (string | number | boolean | null)[];

/** Schema of a page of these items. */
export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item).max(200),
    nextCursor: z.string().max(1000).nullable().describe('Hand it back as `cursor`; null at the end.'),
  });

export const encodeCursor = (key: CursorKey): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/**
 * The key inside, parsed by `schema` (a z.tuple of the sort key's types), or undefined for the first page.
 * @throws DomainError `invalidCursor`
 */
export const decodeCursor = <Key>(cursor: string | undefined, schema: z.ZodType<Key>): Key | undefined => {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new DomainError('invalidCursor', 'The cursor was not made by this list.');
  }
};

/** `rows`: up to limit + 1, in key order. Answers the page and the cursor of what follows it. */
export const pageOf = <Row, Item>(rows: readonly Row[], limit: number, keyOf: (row: Row) => CursorKey, itemOf: (row: Row) => Item): { items: Item[]; nextCursor: string | null } => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(itemOf), nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
};
