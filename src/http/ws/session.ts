import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { closeCodes, type CloseCode } from '../../commands/rooms/protocol/closeCodes.ts';
import type { Channel } from '../../commands/rooms/protocol/envelope.ts';
import type { FromClient, Hello, Lane, OwnerSide } from '../../commands/rooms/roomLink.ts';
import { catchUp } from './catchUp.ts';
import type { Edge } from './edge.ts';
import type { EdgeRoom } from './edgeRoom.ts';
import { createGate } from './gate.ts';
import { createOutbox } from './outbox.ts';
import { createPace, type Pace } from './pace.ts';
import { readMessage } from './readMessage.ts';
import type { CatchUpReason, Session, SessionState } from './sessionState.ts';
import { textFrame } from './textFrame.ts';

/** What it holds: a seat, and once the owner has taken it in, a place there. */
type Attachment = { room: EdgeRoom; owner?: OwnerSide };

/** A socket that was just upgraded. It is not read until its ticket was looked at: `admit`. */
export function createSession(edge: Edge, socket: WebSocket, wire: Duplex, connectionId: string, channel: Channel): Session {
  const { limits, metrics, now } = edge;
  let state: SessionState = { name: 'connecting' };
  const began = now();
  let personId = '';
  let attachment: Attachment | undefined;
  let greets: ((session: Session, hello?: Hello) => void) | undefined;
  let pingAt = began + limits.pingEveryMs;
  let unanswered = 0;
  let refreshAt = began + limits.tokenRefreshMs;

  const outbox = createOutbox(wire, () => socket.readyState === socket.OPEN, edge.flush, now);
  const gate = createGate(socket, take);
  const pace: Pace = createPace(channel, limits, now, gate, () => close(4429));
  gate.hold('busy');

  function take(data: Buffer): void {
    switch (state.name) {
      case 'draining':
      case 'closed':
        return;
      case 'connecting':
      case 'attaching':
        throw new Error('a socket was read that is held'); // the gate is shut
      case 'greeting':
      case 'catchingUp':
      case 'live': {
        metrics.received(channel);
        const read = readMessage(channel, data);
        if (read.kind === 'bad') return close(4400, read.why);
        if (!pace.allows(read.kind === 'message' ? read.message.t : undefined)) return metrics.dropped('tooFast');
        if (read.kind === 'unknown') return send(errorFrame('unknownMessage', read.id, `This channel knows no message ${read.t}.`));
        return taken(read.message, data.length);
      }
    }
  }

  function taken(message: FromClient, bytes: number): void {
    if (state.name === 'greeting') {
      if (message.t !== 'hello') return close(4400, 'the first message is hello');
      state = { name: 'attaching', since: now() };
      gate.hold('busy');
      greets?.(session, message.d);
      return;
    }
    switch (message.t) {
      case 'hello':
        return send(errorFrame('alreadyGreeted', message.id));
      case 'ping':
        return send(textFrame(JSON.stringify({ t: 'pong', d: { ...(message.d?.at === undefined ? {} : { at: message.d.at }), serverTime: new Date().toISOString() } })));
      case 'sync': {
        const { room } = attachment ?? {};
        if (!room) return;
        if (session.you) session.you.isNew = message.d.lastVersion === 0;
        return fallBehind(Math.min(message.d.lastVersion, room.version()), 'sync');
      }
      default:
        attachment?.owner?.receive(connectionId, message, bytes);
    }
  }

  function fallBehind(at: number, because: CatchUpReason): void {
    const room = attachment?.room;
    if (!room) return;
    state = { name: 'catchingUp', at, because };
    metrics.caughtUp(because);
    void catchUp(session, room).catch((error: unknown) => {
      edge.log.warn({ err: error, roomId: room.roomId }, 'a socket could not be caught up on its board');
      close(1013);
    });
  }

  function send(frame: Buffer): void {
    metrics.sent(channel, frame.length);
    outbox.push(frame);
    if (outbox.waiting() > limits.mostWaitingBytes) close(4008);
  }

  function deliver(frame: Buffer, lane: Lane, versions?: { from: number; to: number }): void {
    switch (state.name) {
      case 'connecting':
      case 'greeting':
      case 'draining':
      case 'closed':
        return;
      case 'attaching':
        if (lane === 'control') state.early?.push(frame);
        return;
      case 'catchingUp':
        // Its log is read up to where the room is when that is done, this one included.
        if (lane === 'ops') return;
        break;
      case 'live':
        if (lane === 'ops' && versions) {
          if (versions.to <= state.at) return;
          if (versions.from !== state.at) return fallBehind(state.at, 'slow');
          if (outbox.waiting() > limits.stopLiveBytes) return fallBehind(state.at, 'slow');
          state.at = versions.to;
        }
        break;
    }
    if (lane === 'ephemeral' && outbox.waiting() > limits.dropEphemeralBytes) return metrics.dropped('ephemeral');
    send(frame);
  }

  function close(code: CloseCode, detail?: string): void {
    if (state.name === 'draining' || state.name === 'closed') return;
    leave();
    state = { name: 'draining', code, until: now() + limits.closeWithinMs };
    outbox.close();
    gate.close();
    // RFC 6455, section 5.5: a control frame carries at most 125 bytes, two of them the code.
    const reason = detail === undefined ? closeCodes[code].reason : `${closeCodes[code].reason}: ${detail}`;
    socket.close(code, Buffer.byteLength(reason) <= 123 ? reason : closeCodes[code].reason);
  }

  /** Whatever way it ends: the owner hears of it at once, and nothing more comes from it. */
  function leave(): void {
    pace.stop();
    const held = attachment;
    attachment = undefined;
    if (!held) return;
    held.owner?.detach(connectionId);
    held.room.leave(session);
  }

  function sweep(): void {
    const time = now();
    switch (state.name) {
      case 'closed':
        return;
      case 'connecting':
        if (time - began > limits.attachWithinMs) close(1013);
        return;
      case 'attaching':
        if (time - state.since > limits.attachWithinMs) close(1013);
        return;
      case 'greeting':
        if (time - began > limits.helloWithinMs) close(4408, 'no hello');
        return;
      case 'draining':
        if (time > state.until) socket.terminate();
        return;
      case 'catchingUp':
        // It cannot see a ping behind what waits for it: whether it takes anything is what counts.
        if (outbox.stuckFor() > limits.noProgressMs) return close(4008);
        unanswered = 0;
        break;
      case 'live':
        break;
    }
    if (channel === 'system' && time >= refreshAt) {
      refreshAt = time + limits.tokenRefreshMs;
      send(textFrame(JSON.stringify({ t: 'tokenRefresh', d: { expiresAt: new Date(Date.now() + limits.tokenRefreshMs / 10).toISOString() } })));
    }
    if (time < pingAt) return;
    pingAt = time + limits.pingEveryMs;
    if (gate.isHeld()) return; // its pongs lie unread behind our own gate
    if (unanswered >= limits.pingsMissed) return close(4408, 'silent');
    unanswered += 1;
    socket.ping();
  }

  const session: Session = {
    connectionId, channel, edge, outbox, gate, you: undefined,
    get personId() { return personId; },
    state: () => state,
    deliver, close, send, sweep,
    hold: (isHeld) => (isHeld ? gate.hold('owner') : gate.release('owner')),
    admitted(person, attach) {
      if (state.name !== 'connecting') return;
      personId = person;
      greets = attach;
      if (channel !== 'board') {
        state = { name: 'attaching', since: now() };
        return attach(session);
      }
      state = { name: 'greeting' };
      gate.release('busy');
    },
    enters(room) {
      attachment = { room };
    },
    expectsWelcome(owner) {
      if (state.name !== 'attaching' || !attachment) return;
      attachment.owner = owner;
      state.early = [];
    },
    attached(frames, at) {
      if (state.name !== 'attaching' || !attachment) return;
      const { room } = attachment;
      for (const frame of [...frames, ...(state.early ?? [])]) send(frame);
      if (channel === 'board' && at < room.version()) fallBehind(at, 'resume');
      else state = { name: 'live', at: channel === 'board' ? room.version() : 0 };
      if (channel === 'board' && room.isHeld()) gate.hold('owner');
      gate.release('busy');
    },
    movedTo(at) {
      if (state.name === 'catchingUp') state.at = at;
    },
    isLive() {
      if (state.name === 'catchingUp') state = { name: 'live', at: state.at };
    },
  };

  socket.on('message', (data: Buffer, isBinary: boolean) => (isBinary ? close(4400, 'is binary') : gate.arrived(data)));
  socket.on('pong', () => { unanswered = 0; });
  // A frame that is too large or no frame at all: ws closes with 1009 or 1002 by itself.
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    if (state.name === 'closed') return;
    // Ours counts, also when the other side never answered it.
    const last = state.name === 'draining' ? state.code : code;
    leave();
    state = { name: 'closed' };
    outbox.close();
    gate.close();
    metrics.closed(channel, last);
  });
  metrics.opened(channel);
  return session;
}

/** @param ref the `id` of what was refused */
export const errorFrame = (code: string, ref: string | undefined, detail?: string): Buffer =>
  textFrame(JSON.stringify({ t: 'error', d: { code, retryable: false, ...(ref === undefined ? {} : { ref }), ...(detail === undefined ? {} : { detail }) } }));
