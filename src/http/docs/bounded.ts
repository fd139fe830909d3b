import { longestParameter } from '../input/parseInput.ts';

/** The widest that anything sent or taken can be. */
export const widest = { maxLength: 3_000_000, maxItems: 20_000, time: 40 };

const has = (schema: Record<string, unknown>, ...words: string[]): boolean => words.some((word) => word in schema);

/**
 * Gives every schema that has none its bounds, in place: string lengths, list lengths, the range of integers (those that a double
 * holds). And no text anywhere contains U+0000: it is refused on the way in.
 */
export function bounded(node: unknown, longestText: number = widest.maxLength): void {
  if (Array.isArray(node)) return node.forEach((inner) => bounded(inner, longestText));
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Record<string, unknown>;
  const types = [schema['type']].flat();
  if (types.includes('string') && !has(schema, '$ref', 'enum', 'const')) {
    if (!has(schema, 'maxLength')) schema['maxLength'] = /^(date|time)/.test(String(schema['format'])) ? widest.time : longestText;
    if (!has(schema, 'pattern', 'format')) schema['pattern'] = '^[^\\u0000]*$';
  }
  if (types.includes('array') && !has(schema, 'maxItems')) schema['maxItems'] = widest.maxItems;
  if (types.includes('integer')) {
    schema['format'] ??= 'int64';
    if (!has(schema, 'minimum', 'exclusiveMinimum')) schema['minimum'] = Number.MIN_SAFE_INTEGER;
    if (!has(schema, 'maximum', 'exclusiveMaximum')) schema['maximum'] = Number.MAX_SAFE_INTEGER;
  }
  for (const [key, inner] of Object.entries(schema)) bounded(inner, key === 'parameters' ? longestParameter : longestText);
}
