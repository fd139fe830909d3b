import { createHash } from 'node:crypto';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { CheckedImage } from '../../ports/roomImages.ts';
import { PictureFailed, type PictureProcess } from '../rendering/pictureProcess.ts';
import { toBuffer } from '../rendering/rendering.ts';
import { readImageHeader } from './imageHeader.ts';

const mostBytes = 10 * 1024 * 1024;
const mostPixels = 40_000_000;
/** Of a side: decoders, browsers and libwebp have limits about here. */
const longest = 16_383;
/** Written anew an image may grow: a PNG with a palette has its colours spelt out. */
const mostBytesAfter = 20 * 1024 * 1024;

/**
 * Judges an upload by its content and has it written anew. What its header says is judged first, here, before anything is decoded;
 * what it turns out to be, in the picture process.
 * @throws DomainError imageNotSupported, imageTooLarge, unavailable
 */
export async function checkImage(pictures: Pick<PictureProcess, 'run'>, bytes: Buffer): Promise<CheckedImage> {
  if (bytes.length > mostBytes) throw tooLarge();
  const header = readImageHeader(bytes);
  if (!header || header.width === 0 || header.height === 0) throw notSupported();
  if (header.width * header.height > mostPixels || Math.max(header.width, header.height) > longest) throw tooLarge();
  try {
    const rewritten = await pictures.run('rewrite', { bytes, header });
    if (rewritten.bytes.length > mostBytesAfter) throw tooLarge();
    const content = toBuffer(rewritten.bytes);
    return { bytes: content, mediaType: rewritten.mediaType, width: rewritten.width, height: rewritten.height, sha256: createHash('sha256').update(content).digest('hex') };
  } catch (error) {
    if (!(error instanceof PictureFailed)) throw error;
    switch (error.why) {
      case 'tooMuch':
      case 'tooSlow': throw tooLarge();
      case 'refused': throw notSupported();
      case 'busy':
      case 'closed': throw new DomainError('unavailable', 'Too many images are being checked; try again in a moment.');
    }
  }
}

const tooLarge = (): DomainError =>
  new DomainError('imageTooLarge', `An image has at most 10 MB, ${mostPixels / 1e6} megapixels and ${longest} pixels a side.`, { maxBytes: mostBytes, maxPixels: mostPixels, maxSide: longest });
const notSupported = (): DomainError => new DomainError('imageNotSupported', 'This is not a whole PNG, JPEG or WebP image.');
