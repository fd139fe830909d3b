import type { CloseCode } from '../../commands/rooms/protocol/closeCodes.ts';
import type { Attached, ConnectionInfo, Hello } from '../../commands/rooms/roomLink.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { Edge } from './edge.ts';
import type { EdgeRoom } from './edgeRoom.ts';
import type { Session } from './sessionState.ts';
import type { Admission } from './tickets.ts';
import { textFrame } from './textFrame.ts';

/** So few groups are below every limit of a tail, whatever is in them. */
const surelyShort = 16;
/**
 * Somebody new gets the snapshot of a longer board at once: it is compressed, and to find out whether the groups are below 1 MB they have to
 * be read. Who has drawn already (and lost the line before anything came back) is not new: only the ops tell them what became of their groups.
 */
const shortForNewcomers = 64;

/** A ticket in hand: who is it, and may they come in here? Closes the socket when not. */
export async function admit(edge: Edge, session: Session, roomId: string, ticket: string): Promise<void> {
  const admission = await edge.redeem(ticket);
  if (!admission) return session.close(4401);
  if (admission.roomId !== roomId || admission.channel !== session.channel) return session.close(4403, 'the ticket is for another room or channel');
  const person = await edge.personOf(admission.personId);
  if (person?.active === false) return session.close(4403, 'deactivated');
  session.admitted(admission.personId, (greeted, hello) => {
    void attach(edge, greeted, admission, person?.name ?? admission.personId, hello).catch((error: unknown) => {
      const code = codeFor(error);
      if (code === 1012) edge.log.warn({ err: error, roomId }, 'a socket could not be attached to its room');
      greeted.close(code);
    });
  });
}

async function attach(edge: Edge, session: Session, { roomId, personId, deviceId }: Admission, name: string, hello: Hello | undefined): Promise<void> {
  const { connectionId, channel } = session;
  const room = edge.roomFor(roomId, personId, channel);
  if (!room) return session.close(4429, 'too many sockets');
  session.enters(room);
  const owner = await room.enter(session);
  if (session.state().name !== 'attaching') return;
  const connection: ConnectionInfo = { connectionId, channel, personId, name, deviceId };
  const answer = await owner.attach(connection, hello);
  // It ended before the owner knew of it: what the owner has done since is undone.
  if (session.state().name !== 'attaching') return answer.ok ? owner.detach(connectionId) : undefined;
  if (!answer.ok) return session.close(answer.code, answer.detail);
  session.expectsWelcome(owner);
  room.reached(answer.version);
  const { frames, at, from } = await welcome(edge, room, answer, hello);
  if (session.state().name !== 'attaching') return;
  session.you = hello && { personId, clientId: hello.clientId, isNew: from === 0 };
  session.attached(frames, at);
}

/**
 * The first frames of a socket, where it stood (`from`), and where it stands after them (`at`): a client that is far behind is told which
 * snapshot to fetch.
 */
async function welcome(edge: Edge, room: EdgeRoom, answer: Attached, hello: Hello | undefined): Promise<{ frames: Buffer[]; from: number; at: number }> {
  const frames = answer.frames.map(textFrame);
  if (!hello) return { frames, from: 0, at: 0 };
  // Who has more than there is has a board that is gone: it begins anew.
  const from = hello.lastVersion <= answer.version ? hello.lastVersion : 0;
  const snapshot = answer.snapshot?.version;
  const [first] = answer.frames;
  if (first === undefined || snapshot === undefined || snapshot <= from) return { frames, from, at: from };
  const told = JSON.parse(first) as { t: string; d: { lastSeq: number } };
  const most = from === 0 && told.d.lastSeq === 0 ? shortForNewcomers : edge.limits.tailGroups;
  if (answer.version - from <= most && (await isLight(edge, room.roomId, from, answer.version))) return { frames, from, at: from };
  frames[0] = textFrame(JSON.stringify({ ...told, d: { ...told.d, snapshotUrl: edge.snapshotUrl(room.roomId, snapshot), snapshotVersion: snapshot } }));
  return { frames, from, at: snapshot };
}

/** Whether what is missing is at most 1 MB, and no restore among it. What is read here is what is sent then. */
async function isLight({ limits, pages }: Edge, roomId: string, from: number, to: number): Promise<boolean> {
  if (to === from) return true;
  try {
    let bytes = 0;
    for (let at = from; at < to;) {
      const page = await pages.read(roomId, at, to);
      bytes += page.bytes;
      if (bytes > limits.tailBytes || page.groups.some((group) => group.isRestore)) return false;
      at = page.to;
    }
    return true;
  } catch {
    return to - from <= surelyShort; // the log is away: what is sent waits for it, a snapshot does not
  }
}

function codeFor(error: unknown): CloseCode {
  if (!(error instanceof DomainError)) return 1012;
  return error.code === 'roomNotFound' ? 4404 : 1013;
}
