import type { School } from './school.ts';
import { webhookMeeting, webhookParticipant } from './shapes.ts';
import { wholeSeconds } from './meetingInput.ts';
import { ZoomError, type Participant, type StoredMeeting, type ZoomApp } from './types.ts';
import type { Webhooks } from './webhooks.ts';

/** What happens in a meeting, and the webhooks that tell of it. */
export type Lifecycle = {
  /** The host opens the start URL. A running meeting stays as it is. */
  start(meeting: StoredMeeting): void;
  end(meeting: StoredMeeting): void;
  /** @throws ZoomError 400 when it is not running */
  join(meeting: StoredMeeting, person: { userName: string; email: string }): Participant;
  leave(meeting: StoredMeeting, participant: Participant): void;
};

export function createLifecycle(school: School, webhooks: Webhooks, appsOf: (accountId: string) => readonly ZoomApp[], now: () => Date): Lifecycle {
  const tell = (meeting: StoredMeeting, event: string, startedAt: string, more: object) => {
    const host = school.user(meeting.accountId, meeting.hostId);
    const payload = { account_id: meeting.accountId, object: { ...webhookMeeting(meeting, host, startedAt), ...more } };
    for (const app of appsOf(meeting.accountId)) webhooks.send(app, event, payload, now());
  };
  const tellParticipant = (meeting: StoredMeeting, event: string, more: object) => {
    if (!meeting.running) return;
    const { host_email: _, ...object } = webhookMeeting(meeting, school.user(meeting.accountId, meeting.hostId), meeting.running.startedAt);
    const payload = { account_id: meeting.accountId, object: { ...object, participant: more } };
    for (const app of appsOf(meeting.accountId)) webhooks.send(app, event, payload, now());
  };

  return {
    start(meeting) {
      if (meeting.running) return;
      school.start(meeting);
      tell(meeting, 'meeting.started', wholeSeconds(now()), {});
    },
    end(meeting) {
      if (!meeting.running) return;
      const { uuid } = meeting;
      const { startedAt, participants } = meeting.running;
      for (const participant of participants) {
        tellParticipant(meeting, 'meeting.participant_left', { ...webhookParticipant(participant), leave_time: wholeSeconds(now()), leave_reason: 'Host ended the meeting.' });
      }
      school.end(meeting);
      tell({ ...meeting, uuid }, 'meeting.ended', startedAt, { end_time: wholeSeconds(now()) });
    },
    join(meeting, person) {
      if (!meeting.running) throw new ZoomError(400, 3000, 'The meeting has not started.');
      const participant = school.join(meeting, person);
      tellParticipant(meeting, 'meeting.participant_joined', { ...webhookParticipant(participant), join_time: participant.joinedAt });
      return participant;
    },
    leave(meeting, participant) {
      tellParticipant(meeting, 'meeting.participant_left', { ...webhookParticipant(participant), leave_time: wholeSeconds(now()), leave_reason: 'The participant left.' });
      school.leave(meeting, participant);
    },
  };
}
