import { cloudflareIceServers, realCloudflareTurn } from '../../adapters/cloudflare/turn.ts';
import { coturnIceServers } from '../../adapters/turn/coturn.ts';
import { iceServersOf, staticIceServers } from '../../adapters/turn/staticIceServers.ts';
import { createVendorHttp, type VendorHttpOptions } from '../../adapters/vendorHttp/vendorHttp.ts';
import type { Config } from '../../config.ts';
import type { IceServers } from '../../ports/iceServers.ts';

export type Turn = { iceServers: IceServers; mode: 'none' | 'static' | 'coturn' | 'cloudflare'; close(): Promise<void> };

export type TurnSettings = Pick<Config, 'LECTERN_ICE_SERVERS' | 'LECTERN_TURN_USERNAME' | 'LECTERN_TURN_PASSWORD' | 'COTURN_SECRET' | 'CLOUDFLARE_TURN_KEY_ID' | 'CLOUDFLARE_TURN_API_TOKEN' | 'LECTERN_TURN_SECONDS'>;

/**
 * The way to STUN and TURN that the settings choose; with none of them no server at all, which is enough on one machine.
 * @param cloudflareUrl a sandbox's TURN API in place of the real one
 */
export function connectTurn(settings: TurnSettings, deps: Pick<VendorHttpOptions, 'log' | 'onCall'>, cloudflareUrl?: string): Turn {
  const { LECTERN_ICE_SERVERS: urls, LECTERN_TURN_SECONDS: seconds, LECTERN_TURN_USERNAME: username, LECTERN_TURN_PASSWORD: credential, COTURN_SECRET: secret, CLOUDFLARE_TURN_KEY_ID: keyId, CLOUDFLARE_TURN_API_TOKEN: apiToken } = settings;
  const nothing = () => Promise.resolve();
  if (keyId !== undefined && apiToken !== undefined) {
    // A person waits: three failures are enough to stop asking for half a minute.
    const http = createVendorHttp({ vendor: 'cloudflare-turn', breakAfter: 3, breakForMs: 30_000, concurrency: 32, maxBytes: 64 * 1_024, ...deps, ...(cloudflareUrl === undefined ? {} : { allowedOrigins: [new URL(cloudflareUrl).origin] }) });
    return { mode: 'cloudflare', iceServers: cloudflareIceServers({ http, apiUrl: cloudflareUrl ?? realCloudflareTurn, keyId, apiToken, seconds, fallback: iceServersOf(urls), log: deps.log }), close: () => http.close() };
  }
  if (secret !== undefined) return { mode: 'coturn', iceServers: coturnIceServers({ urls, secret, seconds }), close: nothing };
  return { mode: urls.length === 0 ? 'none' : 'static', iceServers: staticIceServers(urls, username !== undefined && credential !== undefined ? { username, credential } : undefined), close: nothing };
}
