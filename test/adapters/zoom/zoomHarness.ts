import { randomBytes } from 'node:crypto';
import { startZoomSandbox, sandboxZoomApp, type ZoomSandboxOptions } from '../../../sandbox/zoom/server.ts';
import type { StoredMeeting } from '../../../sandbox/zoom/types.ts';
import { createMasterKeys } from '../../../src/adapters/secrets/masterKeys.ts';
import { createPostgresSecrets } from '../../../src/adapters/secrets/postgresSecrets.ts';
import { createVendorHttp, type VendorHttp, type VendorHttpOptions, type VendorRequest } from '../../../src/adapters/vendorHttp/vendorHttp.ts';
import { createAccessTokens } from '../../../src/adapters/zoom/accessTokens.ts';
import { createZoomClient } from '../../../src/adapters/zoom/client.ts';
import { createCredentials } from '../../../src/adapters/zoom/credentials.ts';
import { createPace } from '../../../src/adapters/zoom/pace.ts';
import { createTokenTable } from '../../../src/adapters/zoom/tokenTable.ts';
import { createZoomMeetings } from '../../../src/adapters/zoom/zoomMeetings.ts';
import { createTestDatabase } from '../../support/testDatabase.ts';
import { haveVendorSpecs, zoomSpecs } from '../../support/vendorSpecs.ts';

export type SandboxState = { meetings: StoredMeeting[]; calls: Record<string, number>; tokensGranted: number; users: { email: string; hostDayUsed: number }[]; deliveries: { event: string; body: string; state: string; attempts: { status: number | 'failed' }[] }[] };

/** The sandbox's own handles, over HTTP. */
export function sandboxControl(url: string) {
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, { method, ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} → ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    send,
    fault: (fault: object) => send('POST', '/_faults', fault),
    noFaults: () => send('DELETE', '/_faults'),
    state: () => send('GET', '/_state') as Promise<SandboxState>,
    start: (id: string | number) => send('POST', `/_meetings/${id}/start`, {}),
    end: (id: string | number) => send('POST', `/_meetings/${id}/end`, {}),
  };
}

/** What went over the wire and does not fit the vendor's own description. */
export function watched(http: VendorHttp, problems: string[]): VendorHttp {
  const specs = haveVendorSpecs ? zoomSpecs() : undefined;
  const note = (request: VendorRequest, kind: string, found: string[] | undefined) => {
    for (const problem of found ?? []) problems.push(`${kind} ${request.method} ${request.route}: ${problem}`);
  };
  return {
    ...http,
    async call(request) {
      const isDescribed = specs?.describes(request.method, request.route) ?? false;
      if (specs && isDescribed) {
        note(request, 'request', specs.request(request.method, request.route, request.body === undefined ? undefined : JSON.parse(request.body)));
        note(request, 'query', specs.query(request.method, request.route, new URL(request.url).searchParams));
      }
      const answer = await http.call(request);
      if (specs && isDescribed && answer.status < 300) {
        if (!specs.describesStatus(request.method, request.route, answer.status)) problems.push(`status ${answer.status} of ${request.method} ${request.route}`);
        if (answer.body !== '') note(request, 'answer', specs.answer(request.method, request.route, answer.status, JSON.parse(answer.body)));
      }
      return answer;
    },
  };
}

export type HarnessOptions = { sandbox?: ZoomSandboxOptions; http?: Partial<VendorHttpOptions>; usedForMs?: number; longestWaitMs?: number };

/** Sandbox, database and the adapter between them, with short waits. */
export async function createZoomHarness({ sandbox: sandboxOptions = {}, http: httpOptions = {}, ...more }: HarnessOptions = {}) {
  const database = await createTestDatabase();
  const sandbox = await startZoomSandbox({ limits: { light: 1e6, medium: 1e6 }, ...sandboxOptions });
  const lines: string[] = [];
  const note = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const problems: string[] = [];
  const calls: { outcome: string; route: string }[] = [];
  const master = createMasterKeys(randomBytes(32).toString('base64'));
  const secrets = createPostgresSecrets(database.pool, master);
  const { accountId, clientId, clientSecret, webhookSecret } = sandboxZoomApp;
  const credentials = createCredentials(secrets, { accountId, clientId, clientSecret, webhookSecret });

  /** One node: its own memory, the shared table. */
  const node = () => {
    const http = watched(
      createVendorHttp({
        vendor: 'zoom', allowedOrigins: [sandbox.url], connectMs: 500, headersMs: 500, bodyMs: 500, breakAfter: 1e6, requestIdHeader: 'x-zm-trackingid',
        log: { info: note, warn: note }, onCall: (call) => void calls.push(call), ...httpOptions,
      }),
      problems,
    );
    const table = createTokenTable(database.pool, master);
    const tokens = createAccessTokens({ http, credentials, table, oauthUrl: `${sandbox.url}/oauth/token`, ...(more.usedForMs === undefined ? {} : { usedForMs: more.usedForMs }) });
    const client = createZoomClient({ http, tokens, apiUrl: `${sandbox.url}/v2`, backoffMs: [10, 20, 40], longestWaitMs: more.longestWaitMs ?? 2_500, pace: createPace({ light: 1e6, medium: 1e6 }) });
    return { http, tokens, client, meetings: createZoomMeetings(client) };
  };
  const nodes: ReturnType<typeof node>[] = [];
  const addNode = () => {
    const made = node();
    nodes.push(made);
    return made;
  };
  return {
    ...addNode(), addNode, database, sandbox, master, secrets, credentials, lines, problems, calls,
    control: sandboxControl(sandbox.url),
    async close() {
      await Promise.all(nodes.map(({ http }) => http.close()));
      await sandbox.close();
      await database.drop();
    },
  };
}

export const host = { credentialsRef: 'default', user: 'anna@school.example' };
export const plan = (ref: string, more: object = {}) => ({
  ref, title: 'Grade 5, fractions', startsAt: new Date(Date.now() + 86_400_000).toISOString(), zone: 'Europe/Kyiv', durationMinutes: 45, autoRecord: true, ...more,
});
