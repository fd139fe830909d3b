import type { BoardDoc } from '../../src/domain/board/clientSide.ts';
import type { BoardConnection } from './connection.ts';
import { createPresence } from './presence.ts';

/** A board that nobody draws on any more, in the shape of one that is connected: it takes nothing and never changes. */
export const stillBoard = (doc: BoardDoc, version: number): BoardConnection => ({
  on: () => () => undefined,
  clientId: () => '',
  view: () => doc,
  confirmed: () => ({ doc, version }),
  unsaved: () => 0,
  welcome: () => undefined,
  live: () => true,
  presence: createPresence(),
  apply: () => undefined,
  undo: () => undefined, redo: () => undefined, pointer: () => undefined, stroke: () => undefined, laser: () => undefined,
  channel: { state: () => ({ is: 'ended', code: 4410, reason: 'roomEnded' }), nudge: () => undefined, again: () => undefined, open: () => undefined, close: () => undefined },
});
