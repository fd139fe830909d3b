/** One logical line of an iCalendar file (RFC 5545, 3.1): `number` is that of its first physical line, from 1. */
export type ContentLine = {
  number: number;
  /** Upper case. '' when the line is not of the form `NAME;PARAM=value:value`: then `value` is the whole line. */
  name: string;
  /** Names in upper case; of a parameter with several values, the first. */
  params: Readonly<Record<string, string>>;
  value: string;
  /** Its bytes are not UTF-8: `value` has replacement characters in it. */
  damaged: boolean;
};

const LF = 10, CR = 13, SPACE = 32, TAB = 9;

/**
 * Undoes folding on the bytes, before they become text: programs that fold after 75 octets cut characters in two. Line
 * ends may be CRLF, LF or CR, mixed; byte order marks of UTF-8 and UTF-16 are understood.
 */
export function* contentLines(file: Uint8Array): Generator<ContentLine> {
  const bytes = asUtf8(file);
  const strict = new TextDecoder('utf-8', { fatal: true });
  let pieces: Uint8Array[] = [];
  let startedAt = 1;
  let physical = 1;
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== undefined && byte !== LF && byte !== CR) continue;
    pieces.push(bytes.subarray(from, at));
    if (byte === CR && bytes[at + 1] === LF) at++;
    const next = bytes[at + 1];
    physical++;
    if (next === SPACE || next === TAB) {
      at++;
      from = at + 1;
      continue;
    }
    from = at + 1;
    const whole = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    if (whole.length > 0) yield parseLine(startedAt, ...decode(strict, whole));
    startedAt = physical;
  }
}

/** The bytes without a byte order mark, UTF-16 made UTF-8. */
export const asUtf8 = (file: Uint8Array): Uint8Array => {
  const [a, b, c] = file;
  if (a === 0xef && b === 0xbb && c === 0xbf) return file.subarray(3);
  if (a === 0xff && b === 0xfe) return Buffer.from(new TextDecoder('utf-16le').decode(file), 'utf8');
  if (a === 0xfe && b === 0xff) return Buffer.from(new TextDecoder('utf-16be').decode(file), 'utf8');
  return file;
};

const decode = (strict: TextDecoder, bytes: Uint8Array): [string, boolean] => {
  try {
    return [strict.decode(bytes), false];
  } catch {
    return [new TextDecoder('utf-8').decode(bytes), true];
  }
};

/** More than any program writes. Keeps the cost of a line in proportion to its length. */
const MAX_PARAMS = 100;

const parseLine = (number: number, text: string, damaged: boolean): ContentLine => {
  const broken: ContentLine = { number, name: '', params: {}, value: text, damaged };
  const nameEnd = text.search(/[;:]/);
  if (nameEnd < 1) return broken;
  const name = text.slice(0, nameEnd).trim().toUpperCase();
  if (name.length > 100 || !/^[A-Z0-9_.-]+$/.test(name)) return broken;
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = nameEnd;
  for (let count = 0; text[at] === ';'; count++) {
    if (count === MAX_PARAMS) return broken;
    const equals = text.indexOf('=', at);
    const colon = text.indexOf(':', at);
    if (equals < 0 || (colon >= 0 && colon < equals)) {
      // vCalendar's bare parameter (`SUMMARY;QUOTED-PRINTABLE:`): noted under its own name.
      const semicolon = text.indexOf(';', at + 1);
      const end = semicolon >= 0 && semicolon < colon ? semicolon : colon;
      if (end < 0) return broken;
      params[text.slice(at + 1, end).trim().toUpperCase()] = '';
      at = end;
      continue;
    }
    const key = text.slice(at + 1, equals).trim().toUpperCase();
    const end = endOfValues(text, equals + 1);
    if (end < 0) return broken;
    params[key] = firstValue(text.slice(equals + 1, end));
    at = end;
  }
  if (text[at] !== ':') return broken;
  return { number, name, params, value: text.slice(at + 1), damaged };
};

/** Index of the `;` or `:` that ends a parameter, quotes respected; -1 if there is none. */
const endOfValues = (text: string, from: number): number => {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ';' || char === ':')) return at;
  }
  return -1;
};

const firstValue = (values: string): string => {
  if (!values.startsWith('"')) return (values.split(',', 1)[0] ?? '').trim();
  const end = values.indexOf('"', 1);
  return values.slice(1, end < 0 ? undefined : end).trim();
};

/** TEXT values (RFC 5545, 3.3.11) as one line of plain text: control characters and line breaks become spaces. */
export const plainText = (value: string): string =>
  value.replace(/\\([nN;,\\])/g, (_, char: string) => (char === 'n' || char === 'N' ? ' ' : char)).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ').trim();

/** The texts of a comma-separated TEXT list such as CATEGORIES. */
export const textList = (value: string): string[] => value.split(/(?<!\\),/).map(plainText).filter((text) => text !== '');
