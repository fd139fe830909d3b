import { participantOf } from '../../../domain/room/index.ts';
import type { SystemFromClient } from '../protocol/system.ts';
import type { WebrtcFromClient } from '../protocol/webrtc.ts';
import type { OwnerSide } from '../roomLink.ts';
import type { Request } from './boardWriter.ts';
import type { Connection, Connections } from './connections.ts';
import type { Opened } from './openRoom.ts';
import type { Presence } from './presence.ts';
import type { Signalling } from './signalling.ts';

/** What sockets say goes to whoever it is for. What is drawn, undone and redone waits for its turn; all else is answered as it comes. */
export function createReceiving({ connections, signalling, presence, systemMessages, open, draw }: {
  connections: Connections; signalling: Signalling; presence: Presence;
  systemMessages: { receive(from: Connection, message: SystemFromClient): void };
  /** The room while it is open; else nobody is heard. */
  open(): Opened | undefined;
  draw(request: Request): void;
}): Pick<OwnerSide, 'receive'> {
  return {
    receive(connectionId, message, bytes) {
      const connection = connections.get(connectionId);
      const opened = open();
      if (!connection || !opened) return;
      if (connection.channel === 'system') return systemMessages.receive(connection, message as SystemFromClient);
      if (connection.channel === 'webrtc') return signalling.receive(connection, message as WebrtcFromClient);
      const { personId, clientId } = connection;
      if (clientId === undefined) return;
      switch (message.t) {
        case 'pointer': case 'stroke': case 'laser':
          return presence.heard(personId, clientId, message);
        case 'ops': case 'undo': case 'redo': {
          const { seq, gestureId } = message.d;
          return draw({
            connectionId, personId, clientId, seq, bytes, role: participantOf(opened.room, personId)?.role ?? 'viewer',
            asked: message.t === 'ops' ? { t: 'ops', gestureId: message.d.gestureId, ops: message.d.ops } : { t: message.t, gestureId },
          });
        }
        default: // hello and sync are answered where the socket is
      }
    },
  };
}
