import { createHash } from 'node:crypto';
import type { Participant, StoredMeeting, ZoomUser } from './types.ts';

/** JSON as the vendor writes it. The sandbox's tests hold each of these to the vendor's own schemas. */
export const meetingJson = (meeting: StoredMeeting, host: ZoomUser, urls: { joinUrl: string; startUrl: string }) => ({
  uuid: meeting.uuid,
  id: meeting.id,
  host_id: host.id,
  host_email: host.email,
  topic: meeting.topic,
  type: meeting.type,
  status: meeting.running ? 'started' : 'waiting',
  start_time: meeting.startTime,
  duration: meeting.duration,
  timezone: meeting.timezone,
  agenda: meeting.agenda,
  created_at: meeting.createdAt,
  start_url: urls.startUrl,
  join_url: urls.joinUrl,
  password: meeting.password,
  encrypted_password: createHash('sha256').update(meeting.password).digest('base64url'),
  pstn_password: '',
  h323_password: '',
  settings: { auto_recording: meeting.autoRecording, join_before_host: false, waiting_room: false, approval_type: 2, audio: 'both' },
  pre_schedule: false,
});

/** In lists the agenda is cut to 250 characters, and there is no passcode. */
export const listedMeetingJson = (meeting: StoredMeeting, joinUrl: string) => ({
  uuid: meeting.uuid,
  id: meeting.id,
  host_id: meeting.hostId,
  topic: meeting.topic,
  type: meeting.type,
  start_time: meeting.startTime,
  duration: meeting.duration,
  timezone: meeting.timezone,
  agenda: meeting.agenda.slice(0, 250),
  created_at: meeting.createdAt,
  join_url: joinUrl,
});

export const userJson = (user: ZoomUser) => ({
  id: user.id,
  account_id: user.accountId,
  email: user.email,
  first_name: user.email.split('@')[0] ?? '',
  last_name: '',
  type: user.type,
  status: 'active',
  timezone: 'UTC',
  created_at: user.createdAt,
  verified: 1,
});

/** `object` of meeting.started, .ended: closed objects, and `id` is a string here. */
export const webhookMeeting = (meeting: StoredMeeting, host: ZoomUser, startedAt: string) => ({
  id: String(meeting.id),
  uuid: meeting.uuid,
  host_id: host.id,
  host_email: host.email,
  topic: meeting.topic,
  type: meeting.type,
  start_time: startedAt,
  timezone: meeting.timezone,
  duration: meeting.duration,
});

export const webhookParticipant = (participant: Participant) => ({
  user_id: participant.userId,
  user_name: participant.userName,
  participant_uuid: participant.uuid,
  email: participant.email,
});
