const shortest = 126;
const longestShort = 0x1_0000;

/**
 * A whole text frame from a server, header and all (RFC 6455, section 5.2: final, unmasked, not compressed), so that one buffer can be
 * written to any number of sockets as it is.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
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
  frame.write(text, header, 'utf8');
  return frame;
}
