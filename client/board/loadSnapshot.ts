import { docReader, type BoardDoc } from '../../src/domain/board/clientSide.ts';

/**
 * Reads a board as it streams in, a line of at most 500 shapes at a time, so that 100,000 of them never hold up a frame. gzip is undone by
 * whoever fetched it (`Content-Encoding`).
 * @throws Error on any answer but 200, on a cut stream, on a format that is not ours
 */
export async function loadSnapshot(asked: Promise<Response>, signal: AbortSignal): Promise<{ doc: BoardDoc; version: number }> {
  const response = await asked;
  if (!response.ok || !response.body) throw new Error(`The snapshot's address answered ${response.status}.`);
  const reader = response.body.getReader();
  signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined), { once: true });
  const decoder = new TextDecoder();
  const snapshot = docReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    for (const line of lines) {
      if (line === '') continue;
      snapshot.line(line);
      await breath();
    }
    if (done) break;
  }
  return snapshot.done();
}

/** A task of its own: a promise alone would not let a frame be drawn. */
const breath = (): Promise<void> => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
});
