import type pg from 'pg';
import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import type { ZoomMeetingCommands } from '../../commands/zoomMeetings/index.ts';
import { items } from '../../domain/kernel/sortedList.ts';
import { poolId, zoomPool } from '../../domain/zoomPool/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meetings, MeetingsErrorCode } from '../../ports/meetings.ts';
import type { Secrets, ZoomCredentials } from '../../ports/secrets.ts';
import type { JobRequest } from '../reactors/reactor.ts';
import type { MasterKeys } from '../secrets/masterKeys.ts';
import { createVendorHttp, type VendorCall, type VendorHttpOptions } from '../vendorHttp/vendorHttp.ts';
import { createAccessTokens } from './accessTokens.ts';
import { createZoomClient } from './client.ts';
import { createCredentials, type CredentialsByRef } from './credentials.ts';
import { createHostDays } from './hostDays.ts';
import { createHostOf } from './hostOf.ts';
import { createMintUpcomingMeetings, type LessonWithoutMeeting } from './mintUpcomingMeetings.ts';
import { createReconcileZoom } from './reconcileZoom.ts';
import { createSyncLeases } from './syncLeases.ts';
import { createSyncMeeting } from './syncMeeting.ts';
import { createTokenTable } from './tokenTable.ts';
import { createHandleZoomWebhookTask, createWebhookUpkeep } from './webhooks/handleZoomWebhook.ts';
import { createWebhookInbox } from './webhooks/inbox.ts';
import { createReceiveZoomWebhook } from './webhooks/receiveZoomWebhook.ts';
import { createZoomMeetings } from './zoomMeetings.ts';
import { createSyncMeetingTask, syncMeetingJob, zoomReactor } from './zoomReactor.ts';

/** Where Zoom is. Source: developers.zoom.us, Server-to-Server OAuth, and the servers of its API descriptions. */
export const realZoom = { oauthUrl: 'https://zoom.us/oauth/token', apiUrl: 'https://api.zoom.us/v2', allowedOrigins: [] as readonly string[] };
/** A sandbox at this origin: plain http on a private address is allowed there, and only there. */
export const sandboxZoom = (origin: string) => ({ oauthUrl: `${origin}/oauth/token`, apiUrl: `${origin}/v2`, allowedOrigins: [origin] as readonly string[] });

const outageCodes: readonly MeetingsErrorCode[] = ['unavailable', 'unknownOutcome'];

export type ZoomApi = {
  meetings: Meetings;
  credentials: CredentialsByRef;
  /** Hosts that are taken to be down. */
  broken(): string[];
  /** Told when Zoom answers again after it was taken to be down. */
  onRecovered(listener: () => void): void;
  close(): Promise<void>;
};

export type ZoomApiOptions = {
  pool: pg.Pool;
  master: MasterKeys;
  secrets: Pick<Secrets, 'get'>;
  endpoints: typeof realZoom;
  /** Of the reference `default`: the environment's, or the sandbox's. */
  defaultCredentials: Partial<ZoomCredentials>;
  log: VendorHttpOptions['log'];
  onCall?(call: VendorCall): void;
  /** Shorter waits and deadlines, for tests. */
  http?: Partial<VendorHttpOptions>;
  client?: { backoffMs?: readonly number[] };
};

/** The way to Zoom: what the meetings port needs, and nothing that runs by itself. */
export function createZoomApi({ pool, master, secrets, endpoints, defaultCredentials, log, onCall, ...tuning }: ZoomApiOptions): ZoomApi {
  const listeners: (() => void)[] = [];
  const http = createVendorHttp({
    vendor: 'zoom', onRecovered: () => listeners.forEach((listener) => listener()), allowedOrigins: endpoints.allowedOrigins, requestIdHeader: 'x-zm-trackingid', log, ...(onCall ? { onCall } : {}), ...tuning.http,
  });
  const credentials = createCredentials(secrets, defaultCredentials);
  const tokens = createAccessTokens({ http, credentials, table: createTokenTable(pool, master), oauthUrl: endpoints.oauthUrl });
  const client = createZoomClient({ http, tokens, apiUrl: endpoints.apiUrl, ...tuning.client });
  return { meetings: createZoomMeetings(client), credentials, broken: () => http.broken(), onRecovered: (listener) => void listeners.push(listener), close: () => http.close() };
}

/** What the adapter asks of the read model `lessons`. */
export type ZoomQueries = {
  lessonsWithoutMeeting(now: string, until: string, limit: number): Promise<LessonWithoutMeeting[]>;
  soonerWithoutMeeting(accountId: string, now: string, startsAt: string): Promise<number>;
  lessonsWithMeeting(accountId: string, from: string, until: string): Promise<readonly { lessonId: string; meetingId: string; generation: number }[]>;
  lessonOfMeeting(meetingId: string): Promise<string | undefined>;
  lessonsThatFailed(codes: readonly string[], now: string, limit: number): Promise<string[]>;
};

export type ZoomWorkDeps = {
  api: ZoomApi;
  pool: pg.Pool;
  master: MasterKeys;
  clock: Clock;
  pipeline: Pipeline;
  commands: ZoomMeetingCommands;
  queries: ZoomQueries;
  /** `reactors.request`. */
  enqueue(requests: readonly JobRequest[]): Promise<void>;
  log: { warn(fields: object, message: string): void };
};

/** What reacts and runs: a reactor, its tasks, the bodies of jobs, and what the webhook route calls. */
export function createZoomWork({ api, pool, master, clock, pipeline, commands, queries, enqueue, log }: ZoomWorkDeps) {
  const { meetings, credentials } = api;
  const hostOf = createHostOf(pipeline);
  const hostDays = createHostDays(pool, clock);
  const inbox = createWebhookInbox(pool, master);
  const sync = createSyncMeeting({
    pipeline, commands, meetings, hostOf, hostDays, leases: createSyncLeases(pool), clock,
    soonerWithoutMeeting: (accountId, startsAt) => queries.soonerWithoutMeeting(accountId, clock.now().toISOString(), startsAt),
  });
  // What failed because Zoom was away need not wait for its next attempt, which may be most of an hour off.
  const retryFailed = async (limit: number) => {
    const ids = await queries.lessonsThatFailed(outageCodes, clock.now().toISOString(), limit);
    await enqueue(ids.map((id) => syncMeetingJob(id)));
  };
  const mint = createMintUpcomingMeetings({ lessonsWithoutMeeting: (...args) => queries.lessonsWithoutMeeting(...args), hostDays, enqueue, clock });
  api.onRecovered(() => {
    retryFailed(1_000).catch((error: unknown) => log.warn({ err: error }, 'Zoom answers again, but what failed could not be asked for anew'));
  });
  const accountIds = async () => [...items((await pipeline.load(zoomPool, poolId, { fresh: true })).state.members)].map(({ accountId }) => accountId);
  return {
    reactor: zoomReactor,
    tasks: [
      createSyncMeetingTask(sync),
      createHandleZoomWebhookTask({
        inbox, lessonOfMeeting: (meetingId) => queries.lessonOfMeeting(meetingId),
        meetingStarted: (input, context) => commands.started(input, context), meetingEnded: (input, context) => commands.ended(input, context),
      }),
    ],
    /** Each minute, and after the clock was moved. */
    async mintUpcomingMeetings() {
      if (api.broken().length > 0) await retryFailed(1); // the probe that finds out whether Zoom is back
      return mint();
    },
    /** The Zoom part of `reconcileVendors`. */
    reconcile: createReconcileZoom({
      pipeline, commands, meetings, accountIds, hostOf, lessonsWithMeeting: (...args) => queries.lessonsWithMeeting(...args), enqueue, clock,
    }),
    /** Each few minutes: lost deliveries are asked for again, old ones purged. */
    webhookUpkeep: createWebhookUpkeep(inbox, enqueue),
    receiveWebhook: createReceiveZoomWebhook({ credentials, inbox, enqueue, log }),
    sync,
  };
}

export type ZoomWork = ReturnType<typeof createZoomWork>;
