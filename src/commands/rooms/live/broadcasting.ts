import type { Batch } from './boardWriter.ts';
import type { InShort } from '../roomLink.ts';
import type { Connections } from './connections.ts';
import { ackFrame, errorFrame, frame, groupsIn, opsFrame, opsHead, ownGroupJson, type Verdicts } from './frames.ts';
import type { RoomParts } from './parts.ts';
import type { Saving } from './saving.ts';
import type { Snapshotting } from './snapshotting.ts';

/**
 * Tells what a batch that is in the log came to: the groups to everybody, in one frame that is made once (authors get their own groups in
 * short), and to each author what became of theirs.
 * @returns false when it cannot be told: a restore whose board could not be made for the clients
 */
export async function announceBatch({ batch, from, roomId, connections, parts, snapshotting, saving }: {
  batch: Batch; from: number; roomId: string; connections: Connections; parts: RoomParts; snapshotting: Snapshotting | undefined; saving: Saving;
}): Promise<boolean> {
  const { groups, board } = batch;
  if (groups.length > 0) {
    const text = opsFrame(from, groups);
    snapshotting?.wrote(groupsIn(from, text), groups.length);
    const versions = { from, to: board.version };
    if (groups.some(({ group }) => group.ops.some(({ op }) => op === 'board.restore'))) {
      const facts = await saving.during(async () => snapshotting?.keep()).catch((error: unknown) => void parts.logger.error({ err: error, roomId }, 'the board that a restore brought back cannot be made'));
      if (!facts) return false;
      const reset = frame({ t: 'reset', d: { version: board.version, snapshotUrl: parts.snapshotUrl(roomId, facts.version), snapshotVersion: facts.version } });
      connections.toAll({ channel: 'board', lane: 'ops', frame: reset, versions });
    } else {
      connections.toAll({ channel: 'board', lane: 'ops', frame: text, versions, inShort: ownGroups(batch, from, connections) });
    }
  }
  tellVerdicts(connections, board.version, batch.verdicts);
  for (const { connectionId, seq, expected } of batch.gaps) connections.toOne(connectionId, errorFrame('seqGap', true, { ref: seq, detail: `expected ${expected}` }), 'control');
  for (const settle of batch.settle) settle();
  return true;
}

export function tellVerdicts(connections: Connections, version: number, verdicts: ReadonlyMap<string, Verdicts>): void {
  for (const [connectionId, verdict] of verdicts) connections.toOne(connectionId, ackFrame(verdict, version), 'control');
}

/** Each author that is connected has their own groups: those are in short for them. What an undo came to they do not have. */
function ownGroups({ groups }: Batch, from: number, connections: Connections): InShort[] {
  const own: InShort[] = [];
  let at = opsHead(from).length;
  for (const { group, version, json } of groups) {
    const to = at + json.length;
    const author = group.kind === 'ops' ? connections.ofClient(group.personId, group.clientId) : undefined;
    if (author) own.push({ connectionId: author.connectionId, from: at, to, text: ownGroupJson(group, version) });
    at = to + ','.length;
  }
  return own;
}
