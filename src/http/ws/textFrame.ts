const shortest = 126;
const longestShort = 0x1_0000;

/**
 * A whole text frame from a server, header and all (RFC 6455, section 5.2: final, unmasked, not compressed), so that one buffer can be
 * written to any number of sockets as it is.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = blankFrame(length);
  frame.write(text, frame.length - length, 'utf8');
  return frame;
}

/** The header is there; the last `length` bytes, which are the text, are to be filled. */
export function blankFrame(length: number): Buffer {
  const header = length < shortest ? 2 : length < longestShort ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(header + length);
  frame[0] = 0x81;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return frame;
}

/** Where the text begins in a frame that was made here. */
export const textStart = (frame: Buffer): number => (frame[1] === 127 ? 10 : frame[1] === 126 ? 4 : 2);
