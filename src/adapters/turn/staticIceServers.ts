import type { IceServer, IceServers } from '../../ports/iceServers.ts';

const isTurn = (url: string): boolean => /^turns?:/i.test(url);

export const turnUrls = (urls: readonly string[]): string[] => urls.filter(isTurn);
export const stunUrls = (urls: readonly string[]): string[] => urls.filter((url) => !isTurn(url));

/** One entry for STUN, one for TURN with its credentials; none for what there is none of. */
export function iceServersOf(urls: readonly string[], account?: { username: string; credential: string }): IceServer[] {
  const [stun, turn] = [stunUrls(urls), turnUrls(urls)];
  return [...(stun.length > 0 ? [{ urls: stun }] : []), ...(turn.length > 0 ? [{ urls: turn, ...account }] : [])];
}

/** The same for everybody, always. With no URL at all: browsers on one machine or in one network find each other by themselves. */
export function staticIceServers(urls: readonly string[], account?: { username: string; credential: string }): IceServers {
  const iceServers = iceServersOf(urls, account);
  return {
    forPerson: () => Promise.resolve({ iceServers: structuredClone(iceServers), expiresAt: null, revokeHandle: null }),
    revoke: () => Promise.resolve('failed'),
  };
}
