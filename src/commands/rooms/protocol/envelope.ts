import { z } from 'zod';

/** The subprotocol that a client offers and that we echo. A breaking change gets a new number; additions do not: readers ignore fields and `t` that they do not know. */
export const subprotocol = 'lectern.room.v1';

export const channels = ['board', 'webrtc', 'system'] as const;
export type Channel = (typeof channels)[number];

/** Every frame, in both directions: JSON text. `id` is the sender's own, `error.ref` names it. `ts` is the sender's clock, RFC 3339 or milliseconds, and only informative. */
export const envelope = z.object({
  t: z.string().min(1).max(40),
  id: z.string().max(64).optional(),
  ts: z.union([z.string().max(40), z.number()]).optional(),
  d: z.unknown().optional(),
});

/** A client's own choice of id: of a tab, a gesture, a device. */
export const clientChosenId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** The same for a tab, without the names under which a room's owner writes: whoever took one could pass for a restore that was done. */
export const clientId = z.string().regex(/^(?!owner$|import$|restore-)[A-Za-z0-9_-]{1,64}$/);

export const message = <T extends string, D extends z.ZodType>(t: T, d: D) => z.object({ t: z.literal(t), id: z.string().max(64).optional(), ts: z.union([z.string().max(40), z.number()]).optional(), d });

/** To the client on any channel: what was wrong with a message, without closing. `ref` is the `id` of the message, or its `seq` as text. */
export const errorMessage = message('error', z.object({
  code: z.string().max(60), retryable: z.boolean(), ref: z.string().max(64).optional(), detail: z.string().max(500).optional(),
}));
export const personId = z.string().min(1).max(200);
export const instant = z.string().min(20).max(30);
