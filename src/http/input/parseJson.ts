import { HttpProblem, type InputError } from '../problems.ts';

/** What a body of JSON may look like at most, so that parsing and checking it never holds the event loop for long. */
export const jsonLimits = { depth: 32, values: 20_000 };

/**
 * Text → value, stricter than JSON.parse: no duplicate keys, no `__proto__`, bounded depth and number of values, no text that a
 * store would choke on (U+0000, lone surrogates). One linear pass without recursion before anything is built.
 * @throws HttpProblem `malformedJson`, `invalidRequest`
 */
export function parseJson(text: string): unknown {
  inspect(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpProblem('malformedJson', 'The body is not valid JSON.');
  }
  // Such characters can only come from escapes: the bytes were valid UTF-8 (U+0000 unescaped is no JSON).
  if (text.includes('\\u')) refuseBadText(value, '');
  return value;
}

const quote = 0x22;
const backslash = 0x5c;

type Frame = { keys: Set<string> | undefined; expectsKey: boolean; at: string | number };

function inspect(text: string): void {
  const stack: Frame[] = [];
  let top: Frame | undefined;
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: { // [
        const isObject = text.charCodeAt(i) === 0x7b;
        top = { keys: isObject ? new Set() : undefined, expectsKey: isObject, at: isObject ? '' : 0 };
        stack.push(top);
        if (stack.length > jsonLimits.depth) throw refused(pointer(stack.slice(0, 8)), `nested deeper than ${jsonLimits.depth} levels`);
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        stack.pop();
        top = stack.at(-1);
        break;
      case 0x2c: // ,
        if (++values > jsonLimits.values) throw refused('', `more than ${jsonLimits.values} values`);
        if (top?.keys) top.expectsKey = true;
        else if (top) top.at = Number(top.at) + 1;
        break;
      case quote: {
        const end = endOfString(text, i);
        if (end < 0) throw new HttpProblem('malformedJson', 'The body is not valid JSON.');
        if (top?.keys && top.expectsKey) takeKey(stack, top, top.keys, text.slice(i + 1, end));
        i = end;
        break;
      }
      default:
    }
  }
}

/** Index of the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}

function takeKey(stack: readonly Frame[], top: Frame, keys: Set<string>, rawKey: string): void {
  let key = rawKey;
  if (rawKey.includes('\\')) {
    try {
      key = JSON.parse(`"${rawKey}"`) as string;
    } catch {
      throw new HttpProblem('malformedJson', 'The body is not valid JSON.');
    }
  }
  top.at = key;
  top.expectsKey = false;
  if (key === '__proto__') throw refused(pointer(stack), 'not a field');
  if (keys.has(key)) throw refused(pointer(stack), 'given twice');
  keys.add(key);
}

const pointer = (stack: readonly Frame[]): string => toPointer(stack.map((frame) => frame.at));

/** RFC 6901. Long keys are cut: they are the caller's and come back in the answer. */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).slice(0, 100).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const refused = (at: string, detail: string): HttpProblem => {
  const error: InputError = { in: 'body', pointer: at, detail };
  return new HttpProblem('invalidRequest', 'The body does not fit the schema.', { errors: [error] });
};

function refuseBadText(value: unknown, at: string): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) throw refused(at, 'contains U+0000');
    if (!value.isWellFormed()) throw refused(at, 'contains half a surrogate pair');
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      refuseBadText(key, at);
      refuseBadText(inner, `${at}${toPointer([key])}`);
    }
  }
}
