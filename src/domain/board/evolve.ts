import { applyOp, type RestoredDocs } from './apply.ts';
import { closeDraft, openDraft } from './draft.ts';
import type { OpGroup } from './events.ts';
import { remember } from './memory.ts';
import type { Board } from './state.ts';

/** The board after one more group, whatever is in it. @param restoredDocs has the board of every restore among the groups */
export const evolve = (board: Board, group: OpGroup, restoredDocs?: RestoredDocs): Board => fold(board, [group], restoredDocs);

/** The board after many groups: the same as `evolve` one by one, some times faster. */
export function fold(board: Board, groups: Iterable<OpGroup>, restoredDocs?: RestoredDocs): Board {
  const draft = openDraft(board.doc);
  let { version, memory } = board;
  for (const group of groups) {
    version += 1;
    const { observe, finish } = remember(memory, group, version, draft.owner);
    if (Array.isArray(group.ops)) for (const op of group.ops) if (typeof op === 'object' && op !== null) applyOp(draft, op, { author: group.personId, restoredDocs }, observe);
    memory = finish();
  }
  return { version, doc: closeDraft(draft, board.doc), memory };
}
