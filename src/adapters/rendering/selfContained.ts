import { readImageHeader } from '../roomImages/imageHeader.ts';

/** An SVG that asks for something outside of itself, or is none. Ours never do: a mistake in our own code. */
export class NotSelfContained extends Error {
  override readonly name = 'NotSelfContained';
}
/** Images in it that would unpack to too much. */
export class TooManyPixels extends Error {
  override readonly name = 'TooManyPixels';
}

/** Of all its images: resvg holds them unpacked together, four bytes a pixel. */
const mostPixels = 120_000_000;

/**
 * Insists that the SVG refers to nothing but itself: resvg would read files by their path. Every `href` is `#…` or a data: URI of a PNG or
 * JPEG whose pixels are bounded; there is no DOCTYPE, so no entity that unfolds.
 * @throws NotSelfContained, TooManyPixels
 */
export function insistOnSelfContained(svg: string): void {
  let pixels = 0;
  for (const value of hrefs(svg)) {
    if (value.startsWith('#')) continue;
    const data = /^data:image\/(?:png|jpeg);base64,/.exec(value);
    if (!data) throw new NotSelfContained(`an href that leads outside: ${value.slice(0, 60)}`);
    const header = readImageHeader(Buffer.from(value.slice(data[0].length), 'base64'));
    if (!header || header.mediaType === 'image/webp') throw new NotSelfContained('an image that is neither PNG nor JPEG');
    pixels += header.width * header.height;
    if (pixels > mostPixels) throw new TooManyPixels(`the images have more than ${mostPixels} pixels`);
  }
}

const skipped: readonly (readonly [from: string, to: string])[] = [['<!--', '-->'], ['<![CDATA[', ']]>'], ['<?', '?>'], ['</', '>']];
const attribute = /\s*([^\s=>/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;

/** The values of all attributes called href, with or without a prefix. Text between tags may say what it likes. */
function* hrefs(svg: string): Generator<string> {
  for (let at = svg.indexOf('<'); at >= 0; at = svg.indexOf('<', at)) {
    const skip = skipped.find(([from]) => svg.startsWith(from, at));
    if (skip) {
      const end = svg.indexOf(skip[1], at + skip[0].length);
      if (end < 0) throw new NotSelfContained('it does not end');
      at = end + skip[1].length;
      continue;
    }
    const name = /<[A-Za-z_][^\s/>"'<=]*/y;
    name.lastIndex = at;
    const tag = name.exec(svg);
    if (!tag) throw new NotSelfContained(`something that is no element: ${svg.slice(at, at + 20)}`);
    attribute.lastIndex = name.lastIndex;
    let end = name.lastIndex;
    for (let found = attribute.exec(svg); found; found = attribute.exec(svg)) {
      end = attribute.lastIndex;
      const [, key = '', double, single] = found;
      if (/(?:^|:)href$/i.test(key)) yield double ?? single ?? '';
    }
    const close = /\s*\/?>/y;
    close.lastIndex = end;
    if (!close.test(svg)) throw new NotSelfContained(`a tag that cannot be read: ${svg.slice(at, at + 20)}`);
    at = close.lastIndex;
  }
}
