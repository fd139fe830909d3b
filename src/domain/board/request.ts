import type { OpNeed } from '../room/permissions.ts';
import type { RestoredDocs } from './apply.ts';
import type { OpGroup } from './events.ts';
import type { Op } from './ops.ts';
import type { Owner } from './persistentMap.ts';
import type { Board } from './state.ts';

/** What a client sent, checked by the schema of ops. `seq`: from 1, without gaps, per (person, clientId); an undo takes one too. */
export type GroupRequest = { personId: string; clientId: string; seq: number; gestureId: string; ops: readonly Op[] };
export type UndoRequest = { personId: string; clientId: string; seq: number; gestureId?: string | undefined };

/** `may`: mayOnBoard(permissions) of src/domain/room/permissions.ts. `restoredDocs`: only where a restore may come from; without it, restores are refused. */
export type BoardRules = { may(need: OpNeed): boolean; restoredDocs?: RestoredDocs };

/**
 * What is written in place, if nobody looks at earlier boards any more: `doc`: at docs that this owner was passed for before (then only the last
 * decision's doc is one), `memory`: at such memories.
 */
export type BoardOwners = { doc: Owner; memory: Owner };

/** What goes into the event beside `roomId` and `roomRevision`. */
export type DecidedGroup = Omit<OpGroup, 'roomId' | 'roomRevision'>;

/** `board` has the sequence counted, wherever there is one; only `accepted` has a new version and is to be written. */
export type Decision =
  | { outcome: 'accepted'; group: DecidedGroup; board: Board }
  | { outcome: 'noop'; board: Board }
  /** `restoreTo`: with undoTooLarge, the version that a restore could bring back. */
  | { outcome: 'rejected'; board: Board; code: RejectCode; restoreTo?: number }
  | { outcome: 'repeated' }
  | { outcome: 'seqGap'; expected: number };

export type RejectCode =
  | 'forbidden' | 'shapeExists' | 'pageExists' | 'layerExists' | 'shapeLocked' | 'layerLocked' | 'lastPage' | 'lastLayer' | 'noSuchField'
  | 'groupTooLarge' | 'tooManyPoints' | 'tooManyShapes' | 'tooManyPages' | 'tooManyLayers' | 'restoreNotAlone' | 'noSuchBoard' | 'undoTooLarge';
