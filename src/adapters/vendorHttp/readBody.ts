import { VendorHttpError } from './errors.ts';

/** The whole body as text. @throws VendorHttpError tooLarge, as soon as it is */
export async function readBody(body: AsyncIterable<Buffer>, maxBytes: number, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new VendorHttpError('tooLarge', `${what}: the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
