import type { DecidedGroup, OpGroup } from '../../../domain/board/index.ts';
import type { BoardFromServer } from '../protocol/board.ts';
import type { SystemFromServer } from '../protocol/system.ts';
import type { WebrtcFromServer } from '../protocol/webrtc.ts';

/** Any message to a client, as it is sent. */
export const frame = (message: BoardFromServer | SystemFromServer | WebrtcFromServer): string => JSON.stringify(message);

/** A group as everybody else gets it (`othersGroup`), and as snapshots are folded from it. */
export const groupJson = ({ personId, clientId, seq, gestureId, kind, undoes, ops }: DecidedGroup, version: number): string =>
  JSON.stringify({ version, personId, clientId, seq, gestureId, kind, undoes, ops });

/** The same, cut out of the text of its event, where it stands between the room and the room's revision: its ops are written out once, for the log and the sockets. */
export const groupJsonIn = (eventJson: string, { roomId, roomRevision }: Pick<OpGroup, 'roomId' | 'roomRevision'>, version: number): string =>
  `{"version":${version},${eventJson.slice(`{"roomId":${JSON.stringify(roomId)},`.length, -`,"roomRevision":${roomRevision}}`.length)}}`;

/** A group as its own client gets it (`ownGroup`): it has the rest. */
export const ownGroupJson = ({ clientId, seq }: DecidedGroup, version: number): string => `{"version":${version},"clientId":"${clientId}","seq":${seq}}`;

/** What stands before the groups in an `ops` frame, and behind them. */
export const opsHead = (from: number): string => `{"t":"ops","d":{"from":${from},"groups":[`;
const opsTail = ']}}';

/** Strung together, so that V8 writes it out once: whoever encodes it does. */
export function opsFrame(from: number, groups: readonly { json: string }[]): string {
  let text = opsHead(from);
  for (let i = 0; i < groups.length; i += 1) text += i === 0 ? groups[i]?.json : `,${groups[i]?.json}`;
  return text + opsTail;
}

/** The groups of such a frame, with commas between: a piece of the same text. */
export const groupsIn = (from: number, opsText: string): string => opsText.slice(opsHead(from).length, -opsTail.length);

export type Verdicts = { upTo: number; noop: number[]; rejected: { seq: number; code: string }[] };

export const ackFrame = ({ upTo, noop, rejected }: Verdicts, version: number): string =>
  noop.length === 0 && rejected.length === 0
    ? `{"t":"ack","d":{"upTo":${upTo},"version":${version}}}`
    : frame({ t: 'ack', d: { upTo, version, ...(noop.length > 0 && { noop }), ...(rejected.length > 0 && { rejected }) } });

/** What was wrong with a message. `ref`: its id, or its seq. */
export const errorFrame = (code: string, retryable: boolean, more: { ref?: string | number | undefined; detail?: string } = {}): string =>
  frame({ t: 'error', d: { code, retryable, ...(more.ref === undefined ? {} : { ref: String(more.ref) }), ...(more.detail === undefined ? {} : { detail: more.detail }) } });
