import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { IceGrant, IceServer, IceServers } from '../../ports/iceServers.ts';
import type { VendorHttp } from '../vendorHttp/vendorHttp.ts';

/** Where Cloudflare's TURN credentials come from. */
export const realCloudflareTurn = 'https://rtc.live.cloudflare.com/v1';

export type CloudflareTurnDeps = {
  http: VendorHttp;
  /** `realCloudflareTurn`, or a sandbox's. */
  apiUrl: string;
  keyId: string;
  /** The key's own API token: a bearer token, never in a log. */
  apiToken: string;
  /** How long credentials live, at most 600. */
  seconds: number;
  /** What everybody gets while Cloudflare does not answer. */
  fallback: readonly IceServer[];
  log: { warn(fields: object, message: string): void };
  now?: () => Date;
  /** A call in a room waits no longer for its credentials. Default 1,500 ms. */
  answerWithinMs?: number;
  /** Waits before the second, third, … attempt to revoke. Default 500, 2,000, 8,000 ms. */
  revokeAgainAfterMs?: readonly number[];
};

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((urls) => (typeof urls === 'string' ? [urls] : urls));
const generated = z.object({ iceServers: z.array(z.object({ urls: oneOrMany, username: z.string().optional(), credential: z.string().optional() })) });

/** Browsers refuse port 53 after a long wait. Source: Cloudflare Realtime, "Generate credentials". */
const isBlockedByBrowsers = (url: string): boolean => /:53(?:\?|$)/.test(url);

/**
 * Credentials of Cloudflare's TURN service, made for one person at a time and revocable. A failure (or an open breaker) costs at most
 * `answerWithinMs`, and the call begins with the fallback.
 * Source: Cloudflare Realtime TURN, "Generate credentials": POST …/generate-ice-servers → 201, POST …/revoke → 204.
 */
export function cloudflareIceServers(deps: CloudflareTurnDeps): IceServers {
  const { http, apiUrl, keyId, apiToken, log, now = () => new Date(), answerWithinMs = 1_500, revokeAgainAfterMs = [500, 2_000, 8_000] } = deps;
  const seconds = Math.min(deps.seconds, 600);
  const credentials = `${apiUrl}/turn/keys/${encodeURIComponent(keyId)}/credentials`;
  const headers = { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' };

  async function generate(): Promise<IceGrant> {
    const begun = now();
    const { status, body } = await http.call({
      method: 'POST', url: `${credentials}/generate-ice-servers`, route: '/turn/keys/{keyId}/credentials/generate-ice-servers',
      headers, body: JSON.stringify({ ttl: seconds }), signal: AbortSignal.timeout(answerWithinMs),
    });
    if (status !== 201 && status !== 200) throw new Error(`Cloudflare answered ${status}`);
    const iceServers = generated.parse(JSON.parse(body)).iceServers
      .map(({ urls, username, credential }) => ({ urls: urls.filter((url) => !isBlockedByBrowsers(url)), ...(username === undefined ? {} : { username }), ...(credential === undefined ? {} : { credential }) }))
      .filter(({ urls }) => urls.length > 0);
    const username = iceServers.find((one) => one.username !== undefined)?.username;
    return { iceServers, expiresAt: username === undefined ? null : new Date(begun.getTime() + seconds * 1_000), revokeHandle: username ?? null };
  }

  return {
    async forPerson(roomId) {
      try {
        return await generate();
      } catch (error) {
        log.warn({ roomId, reason: reasonOf(error) }, 'no TURN credentials from Cloudflare: the call begins without a relay of theirs');
        return { iceServers: structuredClone([...deps.fallback]), expiresAt: null, revokeHandle: null };
      }
    },
    async revoke(handle) {
      for (let tried = 0; ; tried += 1) {
        try {
          const { status } = await http.call({ method: 'POST', url: `${credentials}/${encodeURIComponent(handle)}/revoke`, route: '/turn/keys/{keyId}/credentials/{username}/revoke', headers });
          // Gone already is as good as revoked.
          if ((status >= 200 && status < 300) || status === 404) return 'revoked';
          if (status < 500 && status !== 429) throw new Error(`Cloudflare answered ${status}`, { cause: 'final' });
          throw new Error(`Cloudflare answered ${status}`);
        } catch (error) {
          const pause = error instanceof Error && error.cause === 'final' ? undefined : revokeAgainAfterMs[tried];
          if (pause === undefined) {
            log.warn({ reason: reasonOf(error) }, 'TURN credentials could not be revoked: they live until they expire');
            return 'failed';
          }
          await wait(pause, undefined, { ref: false });
        }
      }
    },
  };
}

const reasonOf = (error: unknown): string => (error instanceof z.ZodError || error instanceof SyntaxError ? 'an answer that cannot be read' : error instanceof Error ? error.message : String(error));
