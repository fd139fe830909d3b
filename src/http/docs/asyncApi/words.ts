import type { BoardFromClient, BoardFromServer } from '../../../commands/rooms/protocol/board.ts';
import type { SystemFromClient, SystemFromServer } from '../../../commands/rooms/protocol/system.ts';
import type { WebrtcFromClient, WebrtcFromServer } from '../../../commands/rooms/protocol/webrtc.ts';

/** What each message is for, in a sentence. A message without one does not compile. */
export type Words = {
  board: { client: Record<BoardFromClient['t'], string>; server: Record<BoardFromServer['t'], string> };
  webrtc: { client: Record<WebrtcFromClient['t'], string>; server: Record<WebrtcFromServer['t'], string> };
  system: { client: Record<SystemFromClient['t'], string>; server: Record<SystemFromServer['t'], string> };
};

const error = 'A message was wrong in a way that does not end the connection. `ref` is its `id`, or its `seq` as text.';

export const words: Words = {
  board: {
    client: {
      hello: 'The first message, within 10 s: which tab this is, which version it has confirmed, and of which of its groups it was told.',
      ops: 'One atomic group of ops. `seq` counts this client\'s groups from 1 without gaps; a group that was sent before is answered as it was then.',
      undo: 'Takes back one\'s own last gesture, or the one named. Takes a `seq` as a group does; the ops that come of it come back in full.',
      redo: 'Brings back what was taken back last, or the gesture named.',
      pointer: 'Where one\'s pointer is. Ephemeral: never stored, dropped before anything else.',
      stroke: 'Points of a stroke that is being drawn. Ephemeral; the stroke itself lands in `ops`.',
      laser: 'A pointer that leaves a trace. Ephemeral.',
      sync: 'Asks for everything after `lastVersion` again.',
    },
    server: {
      welcome: 'Answers `hello`: where the board stands, who you are here, what you may do, the limits. With `snapshotUrl`: fetch that first, the `ops` that follow continue from `snapshotVersion`. A `version` below your own `lastVersion` means that your board is gone: begin anew.',
      ops: 'Groups in order, without a gap: `from` is the version before the first. The confirmed board is the fold of exactly these. One\'s own groups come in short (version, clientId, seq), or in full after a `hello` with `lastVersion` 0.',
      ack: 'Durable: every group of yours with a `seq` up to `upTo` is in the log, did nothing (`noop`), or was refused (`rejected`). It may overtake the `ops` of a client that reads slowly.',
      presence: 'What changed about the others, at most every 33 ms. Ephemeral.',
      saving: 'True: groups wait, for a log that does not answer or a restored board that is being made; show "not saved". False: it is over.',
      reset: 'Forget the confirmed board and load this snapshot; pending groups stay pending. After a restore, or when a slow client would have to read too much.',
      error,
    },
  },
  webrtc: {
    client: {
      join: 'Wants to be called. `publish`: wants to send, too, and then offers to each peer by itself.',
      offer: 'A session description for one peer.',
      answer: 'The answer to an offer.',
      ice: 'An ICE candidate for one peer; null ends them.',
      mediaState: 'What one sends now.',
      leave: 'Out of the call; the socket may stay.',
    },
    server: {
      peers: 'After `join`, and whenever somebody comes: the others, who is polite towards whom, and the ICE servers. A `publisher` offers by itself; of two that both are, the polite one leaves the first offer to the other, and makes it itself when none has come after 5 s.',
      offer: 'From a peer; `from` is stamped by the server.',
      answer: 'From a peer.',
      ice: 'From a peer.',
      mediaState: 'What a peer sends now.',
      leave: 'Close the connection to this peer.',
      error,
    },
  },
  system: {
    client: {
      ping: 'Answered by `pong`, for measuring the way.',
      raiseHand: 'Raises or lowers one\'s hand.',
      muteRequest: 'The host asks one person, or all, to mute.',
      follow: 'The host shows where they look; null ends it.',
      admit: 'Lets somebody in who waits.',
      chat: 'A message to all; kept in the room\'s stream.',
    },
    server: {
      status: 'The room as it is: first on connecting, with its people and the last of the chat, then whenever it changes.',
      participant: 'One person as they are now.',
      notification: 'Something to show.',
      permissions: 'What you may do from now on.',
      kicked: 'You were taken out of the room; a close with 4100 follows.',
      tokenRefresh: 'Renew the room token before `expiresAt` (POST …/token).',
      goingAway: 'The server stops; a close with 1012 follows. Reconnect after `reconnectInMs`, with jitter.',
      muteRequest: 'The host asks you to mute.',
      follow: 'Where the host looks; null: they stopped showing.',
      admit: 'Somebody was let in.',
      chat: 'Somebody said something; your own comes back, too.',
      pong: 'Answers `ping`.',
      error,
    },
  },
};
