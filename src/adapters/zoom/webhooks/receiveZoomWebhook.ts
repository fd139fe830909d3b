import type { JobRequest } from '../../reactors/reactor.ts';
import { defaultCredentialsRef, type CredentialsByRef } from '../credentials.ts';
import { deliveryKey, readDelivery } from './delivery.ts';
import { handleWebhookJob } from './handleZoomWebhook.ts';
import type { WebhookInbox } from './inbox.ts';
import { isSigned, proofOf } from './signature.ts';

/** `unavailable`: our own store did not take it in time; Zoom will come again. */
export type WebhookReceipt =
  | { outcome: 'stored' | 'repeated' | 'forged' | 'unreadable' | 'unavailable' }
  | { outcome: 'handshake'; answer: { plainToken: string; encryptedToken: string } };

export type IncomingWebhook = { ref: string | undefined; timestamp: string | undefined; signature: string | undefined; raw: Buffer };

export type ReceiveZoomWebhook = (incoming: IncomingWebhook) => Promise<WebhookReceipt>;

export type ReceiveDeps = {
  credentials: CredentialsByRef;
  inbox: WebhookInbox;
  enqueue(requests: readonly JobRequest[]): Promise<void>;
  log: { warn(fields: object, message: string): void };
  /** Zoom wants its answer within 3 s. Default 2,500 ms for our store. */
  storeWithinMs?: number;
};

const late = Symbol('late');

/**
 * Verifies, stores, and only then lets the route answer; handling is a job's business. Nothing of a delivery whose signature does
 * not fit is used, the handshake's token neither: an endpoint that proves itself over any token would sign forgeries.
 */
export function createReceiveZoomWebhook({ credentials, inbox, enqueue, log, storeWithinMs = 2_500 }: ReceiveDeps): ReceiveZoomWebhook {
  async function receive({ ref = defaultCredentialsRef, timestamp, signature, raw }: IncomingWebhook): Promise<WebhookReceipt> {
    const secret = await credentials.webhookSecret(ref);
    if (secret === undefined || !isSigned(secret, timestamp, signature, raw, Date.now())) return { outcome: 'forged' };
    const delivery = readDelivery(raw);
    if (!delivery) return { outcome: 'unreadable' };
    const plainToken = delivery.payload?.plainToken;
    if (delivery.event === 'endpoint.url_validation') {
      return plainToken === undefined ? { outcome: 'unreadable' } : { outcome: 'handshake', answer: { plainToken, encryptedToken: proofOf(secret, plainToken) } };
    }
    const id = await inbox.store(`zoom:${ref}`, deliveryKey(delivery), raw);
    if (id === undefined) return { outcome: 'repeated' };
    // It is stored: if the job cannot be asked for now, the sweep finds the row.
    await enqueue([handleWebhookJob(id)]).catch((error: unknown) => log.warn({ inboxId: id, error: String(error) }, 'webhook stored, its job was not'));
    return { outcome: 'stored' };
  }

  return async (incoming) => {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<typeof late>((resolve) => {
      timer = setTimeout(() => resolve(late), storeWithinMs);
    });
    const work = receive(incoming);
    try {
      const receipt = await Promise.race([work, deadline]);
      if (receipt !== late) return receipt;
      work.catch(() => undefined);
      return { outcome: 'unavailable' };
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'a webhook could not be stored');
      return { outcome: 'unavailable' };
    } finally {
      clearTimeout(timer);
    }
  };
}
