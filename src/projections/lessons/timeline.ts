import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Decoded, Recorded } from '../../eventLog/recorded.ts';

/**
 * Every event about a lesson, in the order of the log: its own stream and its meeting's are read whole, and of the streams that it
 * shares (accounts, agendas) only the events that `trail` names (`<stream>@<revision>`, from the read model).
 * @throws EventStoreError when the log is away
 */
export async function readTimeline(log: Pick<EventLog, 'readStream'>, lessonId: string, trail: readonly string[]): Promise<Recorded[]> {
  const pages = await Promise.all([log.readStream(`lesson-${lessonId}`), log.readStream(`zoomMeeting-${lessonId}`), ...runsOf(trail).map(({ stream, from, limit }) => log.readStream(stream, { from, limit }))]);
  const named = new Set(trail);
  const isItsOwn = (decoded: Decoded): decoded is Extract<Decoded, { ok: true }> => {
    if (!decoded.ok) return false;
    const { stream, revision } = decoded.event;
    return stream === `lesson-${lessonId}` || stream === `zoomMeeting-${lessonId}` || named.has(`${stream}@${revision}`);
  };
  return pages.flat().filter(isItsOwn).map(({ event }) => event).sort((a, b) => (a.position < b.position ? -1 : 1));
}

/** Neighbours in one stream are read at once, also when a few events of others lie between them. */
function runsOf(trail: readonly string[]): { stream: string; from: number; limit: number }[] {
  const byStream = new Map<string, number[]>();
  for (const entry of trail) {
    const cut = entry.lastIndexOf('@');
    const stream = entry.slice(0, cut);
    byStream.set(stream, [...(byStream.get(stream) ?? []), Number(entry.slice(cut + 1))]);
  }
  const runs: { stream: string; from: number; limit: number }[] = [];
  for (const [stream, revisions] of byStream) {
    let open: { stream: string; from: number; limit: number } | undefined;
    for (const revision of revisions.sort((a, b) => a - b)) {
      if (open && revision - (open.from + open.limit) < 10) open.limit = revision - open.from + 1;
      else runs.push((open = { stream, from: revision, limit: 1 }));
    }
  }
  return runs;
}
