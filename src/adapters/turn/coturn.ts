import { createHmac } from 'node:crypto';
import type { IceServers } from '../../ports/iceServers.ts';
import { iceServersOf } from './staticIceServers.ts';

/**
 * Credentials that coturn checks without asking anybody (`use-auth-secret`, `static-auth-secret`): the user name is when they end, in
 * seconds since 1970, and whose they are; the password is its HMAC. So there is nothing to be revoked: they end.
 * Source: draft-uberti-behave-turn-rest-00, section 2.2.
 * @param seconds how long they live, at most 600
 */
export function coturnIceServers({ urls, secret, seconds, now = () => new Date() }: { urls: readonly string[]; secret: string; seconds: number; now?: () => Date }): IceServers {
  return {
    forPerson(_roomId, personId) {
      const expiry = Math.floor(now().getTime() / 1_000) + Math.min(seconds, 600);
      const username = `${expiry}:${personId}`;
      const credential = createHmac('sha1', secret).update(username).digest('base64');
      return Promise.resolve({ iceServers: iceServersOf(urls, { username, credential }), expiresAt: new Date(expiry * 1_000), revokeHandle: null });
    },
    revoke: () => Promise.resolve('failed'),
  };
}
