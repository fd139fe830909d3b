/**
 * One-dimensional arrays in PostgreSQL's binary wire format (array_recv in src/backend/utils/adt/arrayfuncs.c): number of
 * dimensions, has-nulls flag, element type, length, lower bound, then each element as length and bytes. pg sends Buffers in
 * binary, so nothing is escaped here and nothing is parsed there; of a batch's cost that was the largest part.
 */
const headerBytes = 20;
const oid = { int4: 23, text: 25, json: 114, uuid: 2950 } as const;

export const textArray = (values: readonly string[]): Buffer => stringArray(oid.text, values);

/** Texts of JSON values. The server checks them. */
export const jsonArray = (values: readonly string[]): Buffer => stringArray(oid.json, values);

export function int4Array(values: readonly number[]): Buffer {
  const buffer = start(oid.int4, values.length, values.length * 8);
  let at = headerBytes;
  for (const value of values) {
    buffer.writeInt32BE(4, at);
    buffer.writeInt32BE(value, at + 4);
    at += 8;
  }
  return buffer;
}

/** UUIDs as text, 36 characters. */
export function uuidArray(values: readonly string[]): Buffer {
  const buffer = start(oid.uuid, values.length, values.length * 20);
  let at = headerBytes;
  for (const value of values) {
    buffer.writeInt32BE(16, at);
    buffer.write(value.replaceAll('-', ''), at + 4, 'hex');
    at += 20;
  }
  return buffer;
}

function stringArray(elementType: number, values: readonly string[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += 4 + Buffer.byteLength(value);
  const buffer = start(elementType, values.length, bytes);
  let at = headerBytes;
  for (const value of values) {
    const written = buffer.write(value, at + 4);
    buffer.writeInt32BE(written, at);
    at += 4 + written;
  }
  return buffer;
}

function start(elementType: number, length: number, bytes: number): Buffer {
  const empty = length === 0;
  const buffer = Buffer.allocUnsafe(empty ? 12 : headerBytes + bytes);
  buffer.writeInt32BE(empty ? 0 : 1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(elementType, 8);
  if (!empty) {
    buffer.writeInt32BE(length, 12);
    buffer.writeInt32BE(1, 16);
  }
  return buffer;
}
