import { createHash } from 'node:crypto';
import { deriveId } from '../../eventLog/ids.ts';
import { fullPath, type Actor, type Route } from '../route.ts';

/** Namespace of everything that derives from an Idempotency-Key: any fixed UUID would do. */
const namespace = 'f3b0c9ae-8d55-4f0f-9a63-2d6f4f0f8a11';

export type KeyedRequest = { route: Route; actor: Actor; key: string; params: unknown; query: unknown; body: unknown; raw: Buffer; ifMatch: number | undefined };

/**
 * `keyId` names the key of one person on one route; `fingerprint` says what was asked with it. The command's id comes from both, so
 * that a retry meets its own traces in the log even when the table is lost, while a key used again for something else (allowed
 * after 24 h) is another command.
 */
export function identify(request: KeyedRequest): { keyId: string; fingerprint: Buffer; commandId: string } {
  const keyId = deriveId(namespace, request.actor.id, request.route.method, fullPath(request.route), request.key);
  const what = createHash('sha256')
    .update(canonical([request.params ?? null, request.query ?? null, request.body ?? null, request.ifMatch ?? null]))
    .update(request.raw)
    .digest();
  return { keyId, fingerprint: what, commandId: deriveId(keyId, what.toString('hex')) };
}

/** JSON with sorted keys: a client that writes its fields in another order asks the same. Depth is bounded by the parser. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
