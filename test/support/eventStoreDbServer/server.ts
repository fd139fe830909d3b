import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import grpc from '@grpc/grpc-js';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { createCommitter } from './committer.ts';
import { createFaults, type Faults } from './faults.ts';
import { read } from './reads.ts';
import type { LiveFeed } from './subscriptions.ts';
import { createTransactionLog } from './transactionLog.ts';
import { append, batchAppend, remove } from './writes.ts';

export type EventStoreDbServer = {
  url: string;
  faults: Faults;
  /** Until `release`, writes are placed and not committed. */
  hold(): void;
  release(): void;
  /** Every connection breaks at once; what was not committed is lost. */
  kill(): void;
  /** On the same port, with what was committed. */
  start(): Promise<void>;
  close(): Promise<void>;
};

/**
 * A single node of EventStoreDB 23.10 as far as `@eventstore/db-client` sees it, in this process: the service definitions are
 * those that the client ships, the behaviour is what its source says and what was seen on a real one.
 */
export async function startEventStoreDbServer(): Promise<EventStoreDbServer> {
  const log = createTransactionLog();
  const feed: LiveFeed = new EventEmitter();
  feed.setMaxListeners(0);
  const faults = createFaults();
  const committer = createCommitter(log, (records) => !faults.areSubscriptionsSilent() && feed.emit('committed', records));
  let port = 0;
  let server: grpc.Server | undefined;

  async function start() {
    // The client may receive 17 MiB; the server takes what fits below Kestrel's and gRPC's defaults, which is more than one append.
    const fresh = new grpc.Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    fresh.addService(streamsGrpc.StreamsService, {
      read: (call: Parameters<typeof read>[2]) => void read(log, feed, call),
      append: (call: Parameters<typeof append>[1], done: Parameters<typeof append>[2]) => append(committer, call, done),
      batchAppend: (call: Parameters<typeof batchAppend>[2]) => batchAppend(committer, faults, call),
      delete: (call: { request: Parameters<typeof remove>[2] }, done: grpc.sendUnaryData<unknown>) =>
        remove(committer, 'soft', call.request, (position) => new streams.DeleteResp().setPosition(new streams.DeleteResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position))), done),
      tombstone: (call: { request: Parameters<typeof remove>[2] }, done: grpc.sendUnaryData<unknown>) =>
        remove(committer, 'tombstone', call.request, (position) => new streams.TombstoneResp().setPosition(new streams.TombstoneResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position))), done),
    } as unknown as grpc.UntypedServiceImplementation);
    fresh.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, done: grpc.sendUnaryData<unknown>) => {
        const supported = ['append', 'batchappend', 'delete', 'read', 'tombstone'].map((method) =>
          new features.SupportedMethod().setServiceName('event_store.client.streams.streams').setMethodName(method));
        done(null, new features.SupportedMethods().setEventStoreServerVersion('23.10.6').setMethodsList(supported));
      },
    } as unknown as grpc.UntypedServiceImplementation);
    fresh.addService(gossipGrpc.GossipService, {
      read: (_call: unknown, done: grpc.sendUnaryData<unknown>) => {
        const me = new gossip.MemberInfo().setInstanceId(new shared.UUID().setString(randomUUID())).setTimeStamp(String(Date.now())).setIsAlive(true)
          .setState(gossip.MemberInfo.VNodeState.LEADER).setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(port));
        done(null, new gossip.ClusterInfo().setMembersList([me]));
      },
    } as unknown as grpc.UntypedServiceImplementation);
    port = await new Promise<number>((resolve, reject) => {
      fresh.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    server = fresh;
  }

  function kill() {
    server?.forceShutdown();
    server = undefined;
    feed.removeAllListeners();
    committer.crash();
  }

  await start();
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    faults,
    hold: committer.hold,
    release: committer.release,
    kill,
    start,
    close: async () => kill(),
  };
}
