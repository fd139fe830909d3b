import type { Readable } from 'node:stream';
import { EventStoreError } from '../../../ports/eventStore.ts';

/** A read or a subscription of the client: an object stream that says when it was cancelled by nobody but us. */
export type ClientStream<Item> = Readable & AsyncIterable<Item> & { cancel?(): Promise<void>; unsubscribe?(): Promise<void> };

/**
 * What a stream has at hand, in pieces of at most `most` items: one at a time costs more than the events are worth. Nothing is
 * taken from it while a piece is being consumed. Leaving the iteration cancels the call.
 * @param idleMs an answer that stays away for so long counts as a failure (the client's reads have no deadline)
 */
export async function* chunks<Item>(stream: ClientStream<Item>, most: number, idleMs: number): AsyncGenerator<Item[], void> {
  let failure: Error | undefined;
  let ended = false;
  let wake = () => {};
  stream.on('readable', () => wake());
  stream.on('end', () => {
    ended = true;
    wake();
  });
  stream.on('error', (error) => {
    failure ??= error;
    wake();
  });
  try {
    for (;;) {
      const chunk: Item[] = [];
      while (chunk.length < most) {
        const item = stream.read() as Item | null;
        if (item === null) break;
        chunk.push(item);
      }
      if (chunk.length > 0) {
        yield chunk;
        continue;
      }
      if (failure) throw failure;
      if (ended) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          failure ??= new EventStoreError('unavailable', `The event log gave no answer within ${idleMs} ms.`);
          resolve();
        }, idleMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    leave(stream);
  }
}

/** Cancels a call, whatever state it is in; errors that it still reports are of no interest. */
export function leave(stream: ClientStream<unknown>): void {
  stream.on('error', () => undefined);
  void (stream.cancel?.() ?? stream.unsubscribe?.())?.catch(() => undefined);
  stream.destroy();
}
