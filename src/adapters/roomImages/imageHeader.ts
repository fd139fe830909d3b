import type { ImageType } from '../../ports/roomImages.ts';

/** What an image says of itself before a pixel of it is decoded. */
export type ImageHeader = { mediaType: ImageType; width: number; height: number; lossless: boolean };

/**
 * Reads type and size from the bytes alone, as the formats lay them down (PNG 3rd ed., ITU T.81, RFC 9649). PNG and WebP must end where they
 * say: what lies behind is something else that wants to pass for an image. Behind a JPEG phones write their own things, so there it is left
 * alone; nothing of it outlives the check, which writes the image anew.
 * @returns undefined for anything else
 */
export function readImageHeader(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length >= 45 && bytes.subarray(0, 8).equals(pngSignature)) return readPng(bytes);
  if (bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8) return readJpeg(bytes);
  if (bytes.length >= 30 && text(bytes, 0) === 'RIFF' && text(bytes, 8) === 'WEBP') return readWebp(bytes);
  return undefined;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const text = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 4);

/** Chunks: length, type, data, CRC; the first is IHDR, the last IEND. */
function readPng(bytes: Buffer): ImageHeader | undefined {
  if (bytes.readUInt32BE(8) !== 13 || text(bytes, 12) !== 'IHDR') return undefined;
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (text(bytes, at + 4) === 'IEND') {
      return end === bytes.length ? { mediaType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), lossless: true } : undefined;
    }
    at = end;
  }
  return undefined;
}

/** Segments: marker, length, data; a frame header (SOF) comes before the first scan. */
function readJpeg(bytes: Buffer): ImageHeader | undefined {
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) at += 1; // fill
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { mediaType: 'image/jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7), lossless: false };
    } else if (marker === 0xda || marker === 0xd9 || marker === 0) return undefined;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

function readWebp(bytes: Buffer): ImageHeader | undefined {
  const size = bytes.readUInt32LE(4) + 8;
  if (size !== bytes.length && size + (size % 2) !== bytes.length) return undefined;
  const lossless = (kind: string): boolean => kind === 'VP8L' || (kind === 'VP8X' && bytes.includes('VP8L', 30, 'latin1'));
  const kind = text(bytes, 12);
  switch (kind) {
    case 'VP8X': return { mediaType: 'image/webp', width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1, lossless: lossless(kind) };
    case 'VP8L': {
      if (bytes[20] !== 0x2f) return undefined;
      const packed = bytes.readUInt32LE(21);
      return { mediaType: 'image/webp', width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1, lossless: true };
    }
    case 'VP8 ':
      if (bytes.readUIntBE(23, 3) !== 0x9d012a) return undefined;
      return { mediaType: 'image/webp', width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff, lossless: false };
    default: return undefined;
  }
}
