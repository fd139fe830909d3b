import type { MeetingState } from '../../domain/zoomMeeting/state.ts';
import type { Answer } from '../answer.ts';

/**
 * Before the vendor is called: from here on a meeting `ref:<lessonId>.<generation>` may exist. Refused (`meetingOutdated`) when the lesson no longer
 * wants exactly this; a claim that is there already is answered as it stands.
 */
export type ClaimMeeting = { lessonId: string };
/** What the vendor has. Of an older generation: refused with `meetingOutdated` (delete it at the vendor). */
export type RecordMeetingCreated = { lessonId: string; generation: number; meetingId: string; uuid: string; joinUrl: string; passcode: string; adopted: boolean };
export type RecordMeetingFailed = { lessonId: string; generation: number; code: string; message: string; parked: boolean };
/** `meetingId` '' when the claim never came to a meeting. */
export type RecordMeetingDeleted = { lessonId: string; generation: number; meetingId: string; alreadyGone: boolean };
/** From webhooks, in any order, late or twice. An unknown `meetingId` changes nothing. `at`: RFC 3339 UTC. */
export type RecordMeetingRuns = { lessonId: string; meetingId: string; uuid: string; at: string };

/** `revision` -1: nothing was ever written about this lesson's meeting. */
export type MeetingAnswer = Answer & { meeting: MeetingState };
