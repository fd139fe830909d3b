import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { boardFromClient } from '../../commands/rooms/protocol/board.ts';
import { envelope, type Channel } from '../../commands/rooms/protocol/envelope.ts';
import { systemFromClient } from '../../commands/rooms/protocol/system.ts';
import { webrtcFromClient } from '../../commands/rooms/protocol/webrtc.ts';
import type { FromClient } from '../../commands/rooms/roomLink.ts';
import { whyNotJson } from '../../eventLog/jsonSafety.ts';

export type ReadMessage =
  | { kind: 'message'; message: FromClient }
  /** An envelope with a `t` that this channel does not know: answered, not closed. */
  | { kind: 'unknown'; t: string; id: string | undefined }
  | { kind: 'bad'; why: string };

const schemas = { board: boardFromClient, webrtc: webrtcFromClient, system: systemFromClient } as const satisfies Record<Channel, z.ZodType<FromClient>>;
const known: Record<Channel, ReadonlySet<string>> = {
  board: namesOf(boardFromClient), webrtc: namesOf(webrtcFromClient), system: namesOf(systemFromClient),
};

/** What no store could keep can only come in by an escape: NUL, half a surrogate pair. */
const suspicious = /\\u(?:0000|[dD][89a-fA-F])/;

/** A frame, read and checked once: what comes of it is trusted from there on. */
export function readMessage(channel: Channel, data: Buffer): ReadMessage {
  if (!isUtf8(data)) return { kind: 'bad', why: 'is not UTF-8' };
  const text = data.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'bad', why: 'is not JSON' };
  }
  const t: unknown = typeof value === 'object' && value !== null && 't' in value ? value.t : undefined;
  if (typeof t !== 'string' || !known[channel].has(t)) {
    const outer = envelope.safeParse(value);
    return outer.success ? { kind: 'unknown', t: outer.data.t, id: outer.data.id } : { kind: 'bad', why: whyOf(outer.error) };
  }
  const parsed = schemas[channel].safeParse(value);
  if (!parsed.success) return { kind: 'bad', why: `${t}: ${whyOf(parsed.error)}` };
  if (suspicious.test(text)) {
    const why = whyNotJson(parsed.data);
    if (why !== undefined) return { kind: 'bad', why: `${t}: ${why}` };
  }
  return { kind: 'message', message: parsed.data };
}

const whyOf = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue ? `/${issue.path.join('/')} ${issue.message}` : 'does not fit';
};

function namesOf(union: { options: readonly { shape: { t: { value: string } } }[] }): ReadonlySet<string> {
  return new Set(union.options.map((option) => option.shape.t.value));
}
