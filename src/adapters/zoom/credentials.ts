import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import type { Secrets, ZoomCredentials } from '../../ports/secrets.ts';
import { ZoomAuthError } from './errors.ts';

/** The credentials of the environment (or the sandbox's), when the secrets table has no record of that name. */
export const defaultCredentialsRef = 'default';

/** How long a record stays in memory: a changed one is used by every node soon after. */
const cachedForMs = 15_000;

export type CredentialsByRef = {
  /** @throws ZoomAuthError when there are none, or a field is missing */
  of(ref: string): Promise<ZoomCredentials>;
  /** Undefined when the reference is unknown or its app signs nothing. */
  webhookSecret(ref: string): Promise<string | undefined>;
};

/** @param fallback for `default`; its webhookSecret is ZOOM_WEBHOOK_SECRET_TOKEN */
export function createCredentials(secrets: Pick<Secrets, 'get'>, fallback: Partial<ZoomCredentials>): CredentialsByRef {
  const cache = new LRUCache<string, Partial<ZoomCredentials>>({ ...atMost(1_000), ttl: cachedForMs });
  // Anybody may send webhooks to references that are not there. A memory of its own, so that these push out none that are.
  const missing = new LRUCache<string, true>({ ...atMost(1_000), ttl: cachedForMs });

  async function lookUp(ref: string): Promise<Partial<ZoomCredentials> | undefined> {
    const cached = cache.get(ref);
    if (cached) return cached;
    const stored = await secrets.get(ref);
    const found: Partial<ZoomCredentials> | undefined = ref === defaultCredentialsRef ? { ...fallback, ...stored } : stored;
    if (found) {
      cache.set(ref, found);
      missing.delete(ref);
    } else missing.set(ref, true);
    return found;
  }

  return {
    async of(ref) {
      const found = await lookUp(ref);
      const { accountId, clientId, clientSecret } = found ?? {};
      if (!accountId || !clientId || !clientSecret) throw new ZoomAuthError(`there are no complete Zoom credentials under "${ref}"`, { status: 0 });
      return { accountId, clientId, clientSecret, ...(found?.webhookSecret ? { webhookSecret: found.webhookSecret } : {}) };
    },
    async webhookSecret(ref) {
      return missing.has(ref) ? undefined : (await lookUp(ref))?.webhookSecret;
    },
  };
}
