import { applyOp, type RestoredDocs } from './apply.ts';
import { closeDraft, openServerDraft } from './draft.ts';
import type { BoardEvent } from './events.ts';
import { remember } from './memory.ts';
import type { Board } from './state.ts';

/** The board after one more group, whatever is in it. @param restoredDocs has the board of every restore among the events */
export const evolve = (board: Board, event: BoardEvent, restoredDocs?: RestoredDocs): Board => fold(board, [event], restoredDocs);

/** The board after many groups: the same as `evolve` one by one, some times faster. */
export function fold(board: Board, events: Iterable<BoardEvent>, restoredDocs?: RestoredDocs): Board {
  const draft = openServerDraft(board.doc);
  let { version, memory } = board;
  for (const { data: group } of events) {
    version += 1;
    const { observe, finish } = remember(memory, group, version, draft.owner);
    draft.growing.clear(); // what the group before has made is what an undo of this one goes back to
    const applying = { author: group.personId, restoredDocs };
    for (const op of group.ops) if (typeof op === 'object' && op !== null) applyOp(draft, op, applying, observe);
    memory = finish();
  }
  return { version, doc: closeDraft(draft, board.doc), memory };
}
