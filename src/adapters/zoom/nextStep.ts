import { wantedMeeting } from '../../commands/zoomMeetings/index.ts';
import { exists, type LessonState } from '../../domain/lesson/index.ts';
import { samePlan, type MeetingPlanned, type MeetingState } from '../../domain/zoomMeeting/index.ts';

/**
 * What has to happen next so that a lesson has the meeting it wants, judged from its two streams alone:
 *
 *   delete   the current generation may exist at the vendor and is not wanted (cancelled, moved, renamed)
 *   claim    there is none, and one is wanted: say so in the log before the vendor hears of it
 *   create   claimed: look for it at the vendor, adopt or create it
 *   rest     in step; `why` says how
 */
export type NextStep =
  | { step: 'delete' }
  | { step: 'claim'; plan: MeetingPlanned }
  | { step: 'create'; plan: MeetingPlanned }
  | { step: 'rest'; why: 'inStep' | 'notWanted' | 'tooEarly' | 'over' };

export type StepRules = {
  /** Milliseconds since 1970, of the school's clock. */
  now: number;
  /** Meetings are made at most this far ahead. */
  mintAheadMs: number;
};

export function nextStep(lesson: LessonState, meeting: MeetingState, { now, mintAheadMs }: StepRules): NextStep {
  const mayExist = meeting.status === 'claimed' || meeting.status === 'failed' || meeting.status === 'created';
  if (!exists(lesson) || lesson.status === 'cancelled' || lesson.accountId === null) {
    return mayExist ? { step: 'delete' } : { step: 'rest', why: 'notWanted' };
  }
  // What was taught stays at the vendor (its recordings hang on it); what never came to a meeting is tidied up.
  if (lesson.status === 'finished') return mayExist && meeting.meetingId === '' ? { step: 'delete' } : { step: 'rest', why: 'over' };
  const plan = wantedMeeting(lesson);
  if (!plan) return { step: 'rest', why: 'notWanted' };
  if (mayExist) {
    // People are in it: it is not taken from them because somebody corrects the title.
    if (meeting.status === 'created' && (lesson.status === 'live' || meeting.runningUuid !== '') && meeting.plan?.accountId === plan.accountId) return { step: 'rest', why: 'inStep' };
    if (!meeting.plan || !samePlan(meeting.plan, plan)) return { step: 'delete' };
    // It is known and failed: so its deletion was begun, and may yet come true. It is not taken back, not even for the plan it was made for.
    if (meeting.status === 'failed' && meeting.meetingId !== '') return { step: 'delete' };
    return meeting.status === 'created' ? { step: 'rest', why: 'inStep' } : { step: 'create', plan };
  }
  if (lesson.status === 'scheduled' && Date.parse(lesson.endsAt) <= now) return { step: 'rest', why: 'over' };
  if (Date.parse(plan.startsAt) > now + mintAheadMs) return { step: 'rest', why: 'tooEarly' };
  return { step: 'claim', plan };
}
