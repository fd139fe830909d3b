import { DomainError } from '../../domain/kernel/domainError.ts';
import type { Rendering } from '../../ports/rendering.ts';
import { readImageHeader } from '../roomImages/imageHeader.ts';
import { PictureFailed, type PictureProcess } from './pictureProcess.ts';

const mostCharacters = 64 * 1024 * 1024;

/** Draws in the picture process. */
export function createRendering(pictures: Pick<PictureProcess, 'run'>): Rendering {
  return {
    async png(svg, { maxPixels = 16_000_000 } = {}) {
      if (svg.length > mostCharacters) throw tooLarge();
      const { bytes } = await pictures.run('render', { svg, maxPixels }).catch(asRefusal);
      return toBuffer(bytes);
    },
    async imageForSvg(bytes, maxSide = 1_024) {
      const header = readImageHeader(bytes);
      if (!header) throw new TypeError('an image that was never checked');
      const { bytes: small, mediaType } = await pictures.run('shrink', { bytes, maxSide, mediaType: header.mediaType }).catch(asRefusal);
      return `data:${mediaType};base64,${toBuffer(small).toString('base64')}`;
    },
  };
}

function asRefusal(error: unknown): never {
  if (!(error instanceof PictureFailed)) throw error;
  switch (error.why) {
    case 'tooMuch':
    case 'tooSlow': throw tooLarge();
    case 'busy':
    case 'closed': throw new DomainError('unavailable', 'Too many pictures are being made; try again in a moment.');
    case 'refused': throw error;
  }
}

const tooLarge = (): DomainError => new DomainError('exportTooLarge', 'This is too much for one picture; export a page at a time, or as SVG.');
export const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
