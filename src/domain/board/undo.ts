import { rememberedOf } from './memory.ts';
import type { Op } from './ops.ts';
import { listed, type Stack } from './stack.ts';
import { takingBack } from './takingBack.ts';
import type { Board, Entry } from './state.ts';

/**
 * What an undo or a redo would do: concrete ops, which are then decided as any others are. None for an entry that is too large for a group.
 */
export type Resolved = { entry: Entry; kind: 'undo' | 'redo'; ops: Op[] };

/** Takes back one's own last gesture of which there is still something to take back, or the one named (an undo too: then it is a redo). Undefined: nothing. */
export function resolveUndo(board: Board, personId: string, gestureId?: string): Resolved | undefined {
  const { undo, redo } = rememberedOf(board.memory, personId);
  if (gestureId !== undefined && listed(redo).some(({ undoneBy }) => undoneBy === gestureId)) return resolveRedo(board, personId, gestureId);
  return last(board, personId, undo, 'undo', gestureId);
}

/** Brings back what one's last undo took back, or the gesture named (or the undo of it). */
export function resolveRedo(board: Board, personId: string, gestureId?: string): Resolved | undefined {
  return last(board, personId, rememberedOf(board.memory, personId).redo, 'redo', gestureId);
}

function last(board: Board, personId: string, stack: Stack<Entry>, kind: 'undo' | 'redo', named: string | undefined): Resolved | undefined {
  const steps = listed(stack);
  for (let i = steps.length - 1; i >= 0; i -= 1) {
    const entry = steps[i];
    if (!entry || (named !== undefined && entry.gestureId !== named && entry.undoneBy !== named)) continue;
    // Without a name, of the gestures above nothing is left that could be in the way.
    const ops = entry.changes ? takingBack(board, personId, entry.changes, named === undefined ? [] : steps.slice(i + 1)) : [];
    if (ops.length > 0 || !entry.changes) return { entry, kind, ops };
  }
  return undefined;
}
