/** The widest that anything sent or taken can be. */
export const widest = { maxLength: 3_000_000, maxItems: 20_000, time: 40 };

const hasBounds = (schema: Record<string, unknown>): boolean => ['maxLength', 'enum', 'const', '$ref'].some((word) => word in schema);

/** Gives every schema that has none its bounds, in place: string lengths, list lengths, the range of integers (those that a double holds). */
export function bounded(node: unknown): void {
  if (Array.isArray(node)) return node.forEach(bounded);
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Record<string, unknown>;
  const types = [schema['type']].flat();
  if (types.includes('string') && !hasBounds(schema)) schema['maxLength'] = /^(date|time)/.test(String(schema['format'])) ? widest.time : widest.maxLength;
  if (types.includes('array') && !('maxItems' in schema)) schema['maxItems'] = widest.maxItems;
  if (types.includes('integer')) {
    schema['format'] ??= 'int64';
    if (!('minimum' in schema) && !('exclusiveMinimum' in schema)) schema['minimum'] = Number.MIN_SAFE_INTEGER;
    if (!('maximum' in schema) && !('exclusiveMaximum' in schema)) schema['maximum'] = Number.MAX_SAFE_INTEGER;
  }
  Object.values(schema).forEach(bounded);
}
