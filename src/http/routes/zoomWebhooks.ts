import { z } from 'zod';
import { HttpProblem } from '../problems.ts';
import { defineRoute, type Route, type RouteAnswer, type RouteRequest } from '../route.ts';

/** What the adapter makes of a delivery. */
export type WebhookReceipt =
  | { outcome: 'stored' | 'repeated' | 'forged' | 'unreadable' | 'unavailable' }
  | { outcome: 'handshake'; answer: { plainToken: string; encryptedToken: string } };

export type ZoomWebhookDeps = {
  receive(delivery: { ref: string | undefined; timestamp: string | undefined; signature: string | undefined; raw: Buffer }): Promise<WebhookReceipt>;
};

const handshake = z.strictObject({ plainToken: z.string().max(200), encryptedToken: z.string().max(64) });
const ref = z.string().min(1).max(100).describe('Names the credentials whose app sends here: each app signs with a secret of its own.');

/** Where Zoom's apps send what happens. Answered once it is stored, whatever else is down; handled afterwards. */
export function zoomWebhookRoutes({ receive }: ZoomWebhookDeps): Route[] {
  async function take(delivered: string | undefined, { headers, raw }: Pick<RouteRequest, 'headers' | 'raw'>): Promise<RouteAnswer<undefined>> {
    const header = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined);
    const receipt = await receive({ ref: delivered, timestamp: header('x-zm-request-timestamp'), signature: header('x-zm-signature'), raw });
    switch (receipt.outcome) {
      case 'stored':
      case 'repeated':
        return {};
      case 'handshake':
        return { status: 200, body: receipt.answer as never };
      case 'forged':
        throw new HttpProblem('invalidSignature', 'The signature or its timestamp does not fit.');
      case 'unreadable':
        throw new HttpProblem('malformedJson', 'The body is not a webhook of Zoom.');
      case 'unavailable':
        throw new HttpProblem('unavailable', 'It could not be stored. Please deliver it again.', { headers: { 'Retry-After': '2' } });
    }
  }

  const common = {
    method: 'post', base: '', tag: 'Webhooks', access: 'public', kind: 'query', unlimited: true,
    rawBody: { contentTypes: ['*'] },
    response: { status: 204, description: 'Stored.' },
    otherResponses: [{ status: 200, description: 'The handshake of `endpoint.url_validation`.', schema: handshake }],
    problems: ['invalidSignature', 'malformedJson', 'unavailable'],
  } as const;

  return [
    defineRoute({
      ...common, path: '/webhooks/zoom', operationId: 'receiveDefaultZoomWebhook', summary: 'A webhook of the default Zoom app.',
      handler: (request) => take(undefined, request),
    }),
    defineRoute({
      ...common, path: '/webhooks/zoom/{ref}', operationId: 'receiveZoomWebhook', summary: 'A webhook of a Zoom app that has its own credentials.',
      request: { params: z.strictObject({ ref }) },
      handler: (request) => take(request.params.ref, request),
    }),
  ];
}
