/** Deeper than any event of ours; a deeper value is a mistake, and could exhaust a parser's stack. */
const maxDepth = 32;

/**
 * Says why a value cannot be stored as JSON, or undefined when it can. Refused here, before anything is sent, because stores
 * choke on them in ways of their own: NUL (Postgres), lone surrogates (UTF-8), numbers that JSON has no word for, values
 * that JSON.stringify drops or throws on (the EventStoreDB client then never settles its promise).
 * @returns a JSON pointer and the reason, e.g. `/title: holds a NUL character`
 */
export function whyNotJson(value: unknown, pointer = '', depth = 0): string | undefined {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) return `${pointer}: holds a NUL character`;
      return value.isWellFormed() ? undefined : `${pointer}: holds a lone surrogate`;
    case 'number':
      return Number.isFinite(value) ? undefined : `${pointer}: is not a finite number`;
    case 'boolean':
      return undefined;
    case 'object':
      break;
    default:
      return `${pointer}: is a ${typeof value}`;
  }
  if (value === null) return undefined;
  if (depth >= maxDepth) return `${pointer}: is nested deeper than ${maxDepth}`;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const why = whyNotJson(value[i], `${pointer}/${i}`, depth + 1);
      if (why !== undefined) return why;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `${pointer}: is not a plain object`;
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue; // an optional field that is absent: JSON leaves it out
    const why = whyNotJson(key, `${pointer}/${key} (its name)`, depth + 1) ?? whyNotJson(item, `${pointer}/${key}`, depth + 1);
    if (why !== undefined) return why;
  }
  return undefined;
}
