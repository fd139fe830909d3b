import { createZoomApi, realZoom, sandboxZoom, type ZoomApi } from '../../adapters/zoom/index.ts';
import type { Core } from '../../main.ts';
import type { ZoomCredentials } from '../../ports/secrets.ts';

/** @param sandbox where the stand-in is, and the credentials of its app; absent: the real Zoom, with the environment's */
export const connectZoom = ({ settings, secrets, pool, master, logger, metrics, trace }: Core, sandbox?: { url: string; credentials: ZoomCredentials }): ZoomApi =>
  createZoomApi({
    pool, master, secrets, log: logger,
    endpoints: sandbox ? sandboxZoom(sandbox.url) : realZoom,
    defaultCredentials: sandbox ? sandbox.credentials : fromEnvironment(settings),
    onCall({ vendor, route, method, outcome, durationMs }) {
      metrics.vendorCall(vendor, `${method} ${route}`, outcome, durationMs / 1_000);
      trace?.called(`${vendor} ${method} ${route}`, { 'lectern.vendor': vendor, 'http.request.method': method, 'http.route': route, 'lectern.outcome': outcome }, durationMs, outcome !== '2xx');
    },
  });

const fromEnvironment = (settings: Core['settings']): Partial<ZoomCredentials> => ({
  ...(settings.ZOOM_ACCOUNT_ID === undefined ? {} : { accountId: settings.ZOOM_ACCOUNT_ID }),
  ...(settings.ZOOM_CLIENT_ID === undefined ? {} : { clientId: settings.ZOOM_CLIENT_ID }),
  ...(settings.ZOOM_CLIENT_SECRET === undefined ? {} : { clientSecret: settings.ZOOM_CLIENT_SECRET }),
  ...(settings.ZOOM_WEBHOOK_SECRET_TOKEN === undefined ? {} : { webhookSecret: settings.ZOOM_WEBHOOK_SECRET_TOKEN }),
});
