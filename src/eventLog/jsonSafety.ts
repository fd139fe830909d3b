/** Deeper than any event of ours; a deeper value is a mistake, and could exhaust a parser's stack. */
const maxDepth = 32;

/**
 * Says why a value cannot be stored as JSON, or undefined when it can. Refused here, before anything is sent, because stores
 * choke on them in ways of their own: NUL (Postgres), lone surrogates (UTF-8), numbers that JSON has no word for, values
 * that JSON.stringify drops or throws on (the EventStoreDB client then never settles its promise).
 * @returns a JSON pointer and the reason, e.g. `/title: holds a NUL character`
 */
export function whyNotJson(value: unknown): string | undefined {
  return why(value, 0);
}

/**
 * A value as the JSON text that can be stored. The walk only looks at kinds; characters that stores choke on show as escapes in the text.
 * Either one in doubt, whyNotJson decides and says why: it is exact, and five times slower.
 * @throws what `refused` makes of a value that cannot
 */
export function toJson(value: unknown, refused: (why: string) => Error): string {
  const text = isPlain(value, 0) ? JSON.stringify(value) : undefined;
  if (text !== undefined && !text.includes('\\u')) return text;
  const fault = whyNotJson(value);
  if (fault !== undefined) throw refused(fault);
  return text ?? JSON.stringify(value);
}

function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth >= maxDepth) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) if (!isPlain(value[i], depth + 1)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined && !isPlain(item, depth + 1)) return false;
  }
  return true;
}

/** The pointer is put together on the way back from a fault, so that a sound value costs no text. */
function why(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) return ': holds a NUL character';
      return value.isWellFormed() ? undefined : ': holds a lone surrogate';
    case 'number':
      return Number.isFinite(value) ? undefined : ': is not a finite number';
    case 'boolean':
      return undefined;
    case 'object':
      break;
    default:
      return `: is a ${typeof value}`;
  }
  if (value === null) return undefined;
  if (depth >= maxDepth) return `: is nested deeper than ${maxDepth}`;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const fault = why(value[i], depth + 1);
      if (fault !== undefined) return `/${i}${fault}`;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return ': is not a plain object';
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue; // an optional field that is absent: JSON leaves it out
    const name = why(key, 0);
    if (name !== undefined) return `/${key} (its name)${name}`;
    const fault = why(item, depth + 1);
    if (fault !== undefined) return `/${key}${fault}`;
  }
  return undefined;
}
