import type { Recorded } from '../../eventLog/recorded.ts';

/**
 * `overbooked`: reservations of an account past its capacity · `tooManyLeases`: meetings past its capacity · `disabledAccountUsed`: reserved, used or
 * disabled while lessons are planned there · `unknownAccount` · `teacherDoubleBooked`: without a recorded reason · `lessonWithoutPlace`: recorded
 * without, or its place taken away · `wrongPlace`: the place is for another time or lesson · `badStatus`: a step that the lesson's status does not
 * allow · `meetingNotCounted`: a generation out of turn · `zoomUserTwice` · `reservedTwice` · `unreadable`: an event that cannot be read
 */
export type FindingKind =
  | 'overbooked' | 'tooManyLeases' | 'disabledAccountUsed' | 'unknownAccount' | 'teacherDoubleBooked' | 'lessonWithoutPlace' | 'wrongPlace' | 'badStatus'
  | 'meetingNotCounted' | 'zoomUserTwice' | 'reservedTwice' | 'unreadable';

export type Finding<Kind extends string = FindingKind> = { kind: Kind; message: string; stream: string; revision: number; position: string; eventId: string; at: string };

export type Report<Kind extends string = FindingKind> = (kind: Kind, event: Pick<Recorded, 'stream' | 'revision' | 'position' | 'id' | 'metadata'>, message: string) => void;

/** Keeps the first `kept` findings and counts the rest, so that a badly broken log does not fill the memory. */
export function createFindings<Kind extends string = FindingKind>(kept: number) {
  const findings: Finding<Kind>[] = [];
  let count = 0;
  const report: Report<Kind> = (kind, event, message) => {
    count += 1;
    if (findings.length < kept) {
      findings.push({ kind, message, stream: event.stream, revision: event.revision, position: event.position, eventId: event.id, at: event.metadata.occurredAt });
    }
  };
  return { findings, report, count: () => count };
}
