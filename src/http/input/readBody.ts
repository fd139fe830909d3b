import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpProblem } from '../problems.ts';

export const defaultMaxBytes = 256 * 1024;

/** Whether the request announces a body at all (RFC 9112, section 6). */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';

/**
 * The bytes of the body. What is announced as too large is refused before a byte is read; what turns out too large, as soon as
 * it does. Compressed bodies are not taken at all: a few KB can unpack to gigabytes.
 * @throws HttpProblem `bodyTooLarge`, `unsupportedMediaType`
 */
export function readBody(request: IncomingMessage, response: ServerResponse, contentTypes: readonly string[], maxBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new HttpProblem('unsupportedMediaType', 'Compressed bodies are not taken.');
  if (!fitsType(request.headers['content-type'], contentTypes)) {
    throw new HttpProblem('unsupportedMediaType', `Send ${contentTypes.join(' or ')} in UTF-8.`);
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  return collect(request, maxBytes);
}

const collect = (request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) {
        request.off('data', onData);
        request.pause();
        reject(tooLarge(maxBytes));
      } else chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)));
    request.once('error', reject);
    request.once('close', () => { if (!request.complete) reject(new HttpProblem('requestTimeout', 'The body did not arrive.')); });
  });

/** @throws HttpProblem `malformedJson` when the bytes are not UTF-8 */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new HttpProblem('malformedJson', 'The body is not valid UTF-8.');
  return bytes.toString('utf8');
}

function fitsType(header: string | undefined, contentTypes: readonly string[]): boolean {
  if (contentTypes.includes('*')) return true;
  if (header === undefined) return false;
  if (contentTypes.includes(header)) return true;
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  return contentTypes.includes(type) && (charset === undefined || charset === 'utf-8' || charset === 'utf8');
}

const tooLarge = (maxBytes: number): HttpProblem => new HttpProblem('bodyTooLarge', `The body is larger than ${maxBytes} bytes.`);
