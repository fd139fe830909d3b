import { markOf } from '../marks.ts';
import type { BoardOp } from '../contestant.ts';
import { importPeer } from './peerServer.ts';

type Doc = { on(event: 'update', heard: (update: Uint8Array) => void): void; getMap(name: string): { set(key: string, value: unknown): void }; transact(run: () => void): void; clientID: number };
type Yjs = { Doc: new () => Doc; encodeStateVector(doc: Doc): Uint8Array };
export type Encoder = object;
type Encoding = {
  createEncoder(): Encoder; toUint8Array(encoder: Encoder): Uint8Array;
  writeVarUint(encoder: Encoder, value: number): void; writeVarString(encoder: Encoder, value: string): void; writeVarUint8Array(encoder: Encoder, value: Uint8Array): void;
};

/** The writing half of a Yjs client: what it puts on its map becomes an update. It never reads. */
export async function loadYjs() {
  const yjs = await importPeer<Yjs>('yjs/dist/yjs.mjs');
  const encoding = await importPeer<Encoding>('lib0/encoding.js');
  return {
    encoding,
    emptyVector: () => yjs.encodeStateVector(new yjs.Doc()),
    writer(padding: string) {
      const doc = new yjs.Doc();
      const shapes = doc.getMap('shapes');
      let latest: Uint8Array = new Uint8Array();
      doc.on('update', (update) => void (latest = update));
      return {
        clientId: doc.clientID,
        update(ops: readonly BoardOp[]): Uint8Array {
          doc.transact(() => {
            for (const { id, shape } of ops) shapes.set(shape, { id: shape, type: 'sticky', x: 1, y: 2, width: 120, height: 80, color: '#ffee88', text: `${markOf(id)}${padding}` });
          });
          return latest;
        },
      };
    },
  };
}

/** An awareness update of one client. Source: y-protocols' awareness.js: count, then client, clock and state as JSON. */
export function awareness(encoding: Encoding, clientId: number, clock: number, state: unknown): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, clientId);
  encoding.writeVarUint(encoder, clock);
  encoding.writeVarString(encoder, JSON.stringify(state));
  return encoding.toUint8Array(encoder);
}
