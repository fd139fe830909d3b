import type { InShort } from '../../commands/rooms/roomLink.ts';
import { blankFrame, textStart } from './textFrame.ts';

/** In bytes of the frame. */
type Piece = { from: number; to: number; text: string; bytes: number };

/**
 * The frames of those who get some of it in short, by connection: bytes of everybody's frame and the short texts, copied. No text as long as
 * the frame is made for anybody.
 * @param text of everybody's frame
 * @param inShort in the order of the text
 */
export function framesInShort(text: string, everybodys: Buffer, inShort: readonly InShort[]): Map<string, Buffer> {
  const start = textStart(everybodys);
  const isAscii = everybodys.length - start === text.length;
  const pieces = new Map<string, Piece[]>();
  /** The same place in the text and in the frame. */
  let unit = 0;
  let byte = start;
  const byteAt = (to: number): number => {
    byte += isAscii ? to - unit : Buffer.byteLength(text.slice(unit, to));
    unit = to;
    return byte;
  };
  for (const { connectionId, from, to, text: short } of inShort) {
    const piece = { from: byteAt(from), to: byteAt(to), text: short, bytes: Buffer.byteLength(short) };
    const own = pieces.get(connectionId);
    if (own) own.push(piece);
    else pieces.set(connectionId, [piece]);
  }
  const frames = new Map<string, Buffer>();
  for (const [connectionId, own] of pieces) frames.set(connectionId, withPieces(everybodys, start, own));
  return frames;
}

function withPieces(everybodys: Buffer, start: number, pieces: readonly Piece[]): Buffer {
  let length = everybodys.length - start;
  for (const { from, to, bytes } of pieces) length += bytes - (to - from);
  const frame = blankFrame(length);
  let at = frame.length - length;
  let copied = start;
  for (const { from, to, text } of pieces) {
    at += everybodys.copy(frame, at, copied, from);
    at += frame.write(text, at, 'utf8');
    copied = to;
  }
  everybodys.copy(frame, at, copied);
  return frame;
}
