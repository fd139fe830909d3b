import type { Sharp, SharpOptions } from 'sharp';
import type { ImageType } from '../../ports/roomImages.ts';
import type { ImageHeader } from './imageHeader.ts';

export type Rewritten = { bytes: Uint8Array; mediaType: ImageType; width: number; height: number };

/** Runs in the picture process only: what it loads stays out of the server. */
async function open(bytes: Uint8Array, options: SharpOptions): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  // libvips knows dozens of formats, some through libraries that nobody hardened: these three, from memory, and no other.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer'] });
  return sharp(bytes, { failOn: 'error', pages: 1, ...options });
}

/**
 * Decodes and encodes again: upright, sRGB, no metadata, the first picture of an animation. What was lossless stays so.
 * @throws Error when it does not decode to its end, or is larger than its header said
 */
export async function rewriteImage(bytes: Uint8Array, { mediaType, width, height, lossless }: ImageHeader): Promise<Rewritten> {
  const upright = (await open(bytes, { limitInputPixels: width * height, sequentialRead: true })).autoOrient().toColourspace('srgb');
  const encoded = mediaType === 'image/png' ? upright.png({ compressionLevel: 6 })
    : mediaType === 'image/webp' ? upright.webp(lossless ? { lossless: true } : { quality: 90 })
      : upright.jpeg({ quality: 90, chromaSubsampling: '4:4:4' });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  return { bytes: data, mediaType, width: info.width, height: info.height };
}

/** At most `maxSide` wide and high, as a renderer of SVG takes it: PNG, or JPEG of what was one. */
export async function shrinkImage(bytes: Uint8Array, maxSide: number, mediaType: ImageType): Promise<Rewritten> {
  const small = (await open(bytes, { limitInputPixels: 40_000_000 })).resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true });
  const { data, info } = await (mediaType === 'image/jpeg' ? small.jpeg({ quality: 88 }) : small.png()).toBuffer({ resolveWithObject: true });
  return { bytes: data, mediaType: mediaType === 'image/jpeg' ? mediaType : 'image/png', width: info.width, height: info.height };
}
