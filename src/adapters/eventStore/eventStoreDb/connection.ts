import { EventStoreDBClient } from '@eventstore/db-client';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { sleep } from './sleep.ts';

/** The duplex call on which appends travel; closed for good after `error` or `end`. */
export type BatchAppendCall = {
  write(request: BatchAppendReq): boolean;
  on(event: 'data', listener: (response: BatchAppendResp) => void): BatchAppendCall;
  on(event: 'error', listener: (error: Error) => void): BatchAppendCall;
  on(event: 'end', listener: () => void): BatchAppendCall;
  cancel(): void;
};

export type Connection = {
  client: EventStoreDBClient;
  openBatchAppend(): Promise<BatchAppendCall>;
  close(): Promise<void>;
};

/** What the client keeps for its own subclasses (`protected` in its types): its channel, with discovery, credentials and reconnection. */
type Inner = {
  GRPCStreamCreator(service: typeof streamsGrpc.StreamsClient, name: string, create: (client: InstanceType<typeof streamsGrpc.StreamsClient>) => unknown): () => Promise<BatchAppendCall>;
  callArguments(options: object, callOptions: { deadline: number }): Parameters<InstanceType<typeof streamsGrpc.StreamsClient>['batchAppend']>;
  getChannel(): Promise<{ close(): void }>;
};

/**
 * One client, with a way to append of our own. The client's `appendToStream` keeps the answers that it waits for in one
 * table for the whole process: when any connection breaks, those of all others are rejected, the answer that then still comes
 * is an uncaught TypeError, and writes queued behind a full socket are an unhandled rejection (batchAppend.js,
 * backpressuredWrite.js of 6.2.1). So the same call is opened here on the client's channel, with a table of its own.
 * @param url `esdb://user:password@host:port?tls=false`, or several hosts, as the client's documentation says
 */
export function connect(url: string): Connection {
  const client = EventStoreDBClient.connectionString(url);
  const inner = client as unknown as Inner;
  return {
    client,
    openBatchAppend: () =>
      inner.GRPCStreamCreator(streamsGrpc.StreamsClient, 'batchAppend', (streams) =>
        streams.batchAppend(...inner.callArguments({}, { deadline: Infinity })))(),
    async close() {
      // Waits for the end of every call, and that of one cancelled with answers unread never comes: not for long, then.
      await atMost(500, client.dispose());
      // The socket is still open. Where nothing was ever sent this looks for a server first, so not for long, either.
      await atMost(500, inner.getChannel().then((open) => open.close()).catch(() => undefined));
    },
  };
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, sleep(ms, done.signal)]);
  done.abort();
}
