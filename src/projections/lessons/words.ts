import type { Recorded } from '../../eventLog/recorded.ts';

/** A moment as a timeline shows it: 2026-03-02 17:00 UTC. */
const moment = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
const wall = (data: { localStart: string; zone: string; durationMinutes: number }): string => `${data.localStart.replace('T', ' ')} (${data.zone}), ${data.durationMinutes} min`;
const because = (override: { reason: string } | undefined): string => (override ? `, although the teacher already teaches then: ${override.reason}` : '');
const by = { teacher: 'its teacher', admin: 'an admin', meeting: 'the meeting itself', releaseJob: 'the release job' } as const;

/** An event about a lesson, in a sentence. `name` turns a person's or a group's id into a name. Undefined: not about a lesson. Never with a link or a passcode. */
export function inWords(event: Recorded, name: { person(id: string): string; group(id: string): string }): string | undefined {
  const { stream } = event;
  const place = stream.startsWith('zoomAccount-') ? `Zoom account ${stream.slice('zoomAccount-'.length)}` : `the agenda of ${name.person(stream.slice('teacherAgenda-'.length))}`;
  switch (event.type) {
    case 'LessonScheduled': {
      const { data } = event;
      const where = data.accountId === null ? 'without Zoom' : `on Zoom account ${data.accountId}`;
      const from = data.imported ? `, imported from ${data.imported.calendar}` : '';
      return `Scheduled “${data.title}” for ${wall(data)} with ${name.person(data.teacherId)}${data.groupId === null ? '' : `, group ${name.group(data.groupId)}`}, ${where}${from}${because(data.override)}`;
    }
    case 'LessonRescheduled':
      return `Moved to ${wall(event.data)}${event.data.accountId === null ? '' : ` on Zoom account ${event.data.accountId}`}${because(event.data.override)}`;
    case 'LessonMovedToAccount': return `Moved to Zoom account ${event.data.accountId}: ${event.data.reason}`;
    case 'LessonPlaceForfeited': return `Place ${event.data.reservationId} was given up: ${event.data.reason}`;
    case 'LessonDetailsChanged': {
      const { title, groupId, autoRecord } = event.data;
      const changes = [
        ...(title === undefined ? [] : [`title “${title}”`]),
        ...(groupId === undefined ? [] : [groupId === null ? 'no group' : `group ${name.group(groupId)}`]),
        ...(autoRecord === undefined ? [] : [autoRecord ? 'recording on' : 'recording off']),
      ];
      return `Changed: ${changes.join(', ')}`;
    }
    case 'LessonTeacherReassigned': return `Given from ${name.person(event.data.previousTeacherId)} to ${name.person(event.data.teacherId)}${because(event.data.override)}`;
    case 'LessonStarted': return `Started by ${by[event.data.by]}${event.data.accountId === null ? '' : ` on Zoom account ${event.data.accountId}`}`;
    case 'LessonFinished': return `Finished by ${by[event.data.by]}`;
    case 'LessonCancelled': return `Cancelled: ${event.data.reason}`;
    case 'LessonAbandoned': return `Scheduling was given up: ${event.data.reason}`;
    case 'LessonImportedAgain': return `Met again in an import of ${event.data.imported.calendar}`;
    case 'PlaceReserved': return `Reserved ${place} from ${moment(event.data.from)} to ${moment(event.data.until)}${because(event.data.override)}`;
    case 'PlaceReleased': return `Gave back ${place}: ${event.data.reason}`;
    case 'LeaseAcquired': return `Took a place of ${place} into use`;
    case 'LeaseReleased': return `Gave the place in use on ${place} back: ${event.data.reason}`;
    case 'LeaseOverran': return `Still running on ${place} past its end${event.data.threatens.length > 0 ? `; threatens ${event.data.threatens.length} that follow` : ''}`;
    case 'MeetingClaimed': return `Began to make meeting ${event.data.generation} on Zoom account ${event.data.accountId}`;
    case 'MeetingCreated': return `Meeting ${event.data.generation} is there (Zoom ${event.data.meetingId})${event.data.adopted ? ', found again after an unclear answer' : ''}`;
    case 'MeetingFailed': return `Meeting ${event.data.generation} failed (${event.data.code}): ${event.data.message}${event.data.parked ? '; it waits for a hand' : ''}`;
    case 'MeetingDeleted': return `Meeting ${event.data.generation} was deleted${event.data.alreadyGone ? ' (it was gone already)' : ''}`;
    case 'MeetingStarted': return `Zoom says that meeting ${event.data.generation} began at ${moment(event.data.at)}`;
    case 'MeetingEnded': return `Zoom says that meeting ${event.data.generation} ended at ${moment(event.data.at)}`;
    default: return undefined;
  }
}
