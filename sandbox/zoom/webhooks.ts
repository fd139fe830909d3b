import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from './faults.ts';
import type { ZoomApp } from './types.ts';

export type Delivery = { id: number; event: string; url: string; body: string; attempts: { at: string; status: number | 'failed' }[]; state: 'pending' | 'delivered' | 'lost' | 'dropped' };

export type Webhooks = {
  send(app: ZoomApp, event: string, payload: object, at: Date): void;
  /** Zoom's `endpoint.url_validation` handshake. @returns whether the endpoint answered rightly within 3 s */
  validate(app: ZoomApp): Promise<boolean>;
  deliveries(): Delivery[];
  /** Every delivery that is under way, retries included, has come to its end. */
  settled(): Promise<void>;
  close(): void;
};

export type WebhookOptions = {
  faults: Faults;
  /** Waits before the second, third, … attempt. Zoom: 5, 20, 60 min. */
  retryAfterMs: readonly number[];
  /** Zoom gives an endpoint 3 s. */
  answerWithinMs: number;
};

/** Signed anew on each attempt, with real time. Source: developers.zoom.us/docs/api/webhooks, "Verify with Zoom's header". */
export const signature = (secret: string, timestamp: number, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

export function createWebhooks({ faults, retryAfterMs, answerWithinMs }: WebhookOptions): Webhooks {
  const stop = new AbortController();
  const log: Delivery[] = [];
  const underWay = new Set<Promise<void>>();

  async function post(app: ZoomApp, url: string, body: string, more: { forged?: boolean; stale?: boolean } = {}): Promise<Response> {
    const timestamp = Math.floor(Date.now() / 1000) - (more.stale ? 3600 : 0);
    const signed = signature(more.forged ? `not ${app.webhookSecret}` : app.webhookSecret, timestamp, body);
    return fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)]),
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Zoom Marketplace/1.0a', 'x-zm-request-timestamp': String(timestamp), 'x-zm-signature': signed },
    });
  }

  async function attempt(app: ZoomApp, delivery: Delivery): Promise<boolean> {
    const struck = faults.strike(['forgedSignature', 'staleTimestamp', 'missing'], 'POST', delivery.event).map((fault) => fault.kind);
    if (struck.includes('missing')) {
      delivery.state = 'dropped';
      return true;
    }
    const status = await post(app, delivery.url, delivery.body, { forged: struck.includes('forgedSignature'), stale: struck.includes('staleTimestamp') }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => 'failed' as const,
    );
    delivery.attempts.push({ at: new Date().toISOString(), status });
    if (status !== 200 && status !== 204) return false;
    delivery.state = 'delivered';
    return true;
  }

  async function deliver(app: ZoomApp, delivery: Delivery, delayMs: number): Promise<void> {
    try {
      if (delayMs > 0) await sleep(delayMs, undefined, { signal: stop.signal, ref: false });
      for (const wait of [...retryAfterMs, undefined]) {
        if (await attempt(app, delivery)) return;
        if (wait === undefined) break;
        await sleep(wait, undefined, { signal: stop.signal, ref: false });
      }
      delivery.state = 'lost';
    } catch {
      if (!stop.signal.aborted) delivery.state = 'lost';
    }
  }

  return {
    send(app, event, payload, at) {
      if (app.webhookUrl === undefined) return;
      const body = JSON.stringify({ event, event_ts: at.getTime(), payload });
      const [late] = faults.strike(['late'], 'POST', event);
      const [twice] = faults.strike(['duplicated'], 'POST', event);
      for (let copy = 0; copy < (twice ? (twice.times ?? 2) : 1); copy += 1) {
        const delivery: Delivery = { id: log.length + 1, event, url: app.webhookUrl, body, attempts: [], state: 'pending' };
        log.push(delivery);
        if (log.length > 2000) log.shift();
        const run = deliver(app, delivery, late?.delayMs ?? 0);
        underWay.add(run);
        void run.finally(() => underWay.delete(run));
      }
    },
    async validate(app) {
      if (app.webhookUrl === undefined) return false;
      const plainToken = createHmac('sha256', app.clientId).update(String(Date.now())).digest('base64url').slice(0, 22);
      const body = JSON.stringify({ event: 'endpoint.url_validation', event_ts: Date.now(), payload: { plainToken } });
      const answer = await post(app, app.webhookUrl, body).then((response) => (response.status === 200 ? response.json() : undefined), () => undefined) as { plainToken?: unknown; encryptedToken?: unknown } | undefined;
      const encryptedToken = createHmac('sha256', app.webhookSecret).update(plainToken).digest('hex');
      return answer?.plainToken === plainToken && answer.encryptedToken === encryptedToken;
    },
    deliveries: () => log,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    close: () => stop.abort(),
  };
}
