import type { Recorded } from '../../eventLog/recorded.ts';
import type { LessonRow } from './lessonRow.ts';

/** What the adapter did: stream `zoomMeeting-<lessonId>`. Only the current (highest) generation shows. Changes the row in place. */
export function evolveMeeting(row: LessonRow, event: Recorded): void {
  switch (event.type) {
    case 'MeetingClaimed':
      if (event.data.generation < row.meeting_generation) return;
      begin(row, event.data.generation);
      row.meeting_state = 'claimed';
      row.meeting_account_id = event.data.accountId;
      return;
    case 'MeetingCreated':
      if (event.data.generation < row.meeting_generation) return;
      if (event.data.generation > row.meeting_generation) begin(row, event.data.generation);
      row.meeting_state = 'created';
      row.meeting_account_id = event.data.accountId;
      row.meeting_id = event.data.meetingId;
      row.join_url = event.data.joinUrl;
      row.passcode = event.data.passcode;
      row.link_changed = row.last_join_url !== null && row.last_join_url !== event.data.joinUrl;
      row.last_join_url = event.data.joinUrl;
      clearError(row);
      return;
    case 'MeetingFailed':
      if (event.data.generation < row.meeting_generation) return;
      if (event.data.generation > row.meeting_generation) begin(row, event.data.generation);
      row.meeting_state = 'failed'; // its link stays: what failed may have been the deletion
      row.meeting_error_code = event.data.code;
      row.meeting_error = event.data.message;
      row.meeting_parked = event.data.parked;
      return;
    case 'MeetingDeleted':
      if (event.data.generation !== row.meeting_generation) return;
      row.meeting_state = 'deleted';
      row.join_url = null;
      row.passcode = null;
      clearError(row);
      return;
    case 'MeetingStarted':
      if (event.data.generation !== row.meeting_generation) return;
      row.meeting_started_at = event.data.at;
      row.meeting_ended_at = null;
      return;
    case 'MeetingEnded':
      if (event.data.generation === row.meeting_generation) row.meeting_ended_at = event.data.at;
      return;
    default:
  }
}

function begin(row: LessonRow, generation: number): void {
  row.meeting_generation = generation;
  row.meeting_state = 'none';
  row.meeting_id = null;
  row.join_url = null;
  row.passcode = null;
  row.link_changed = false;
  row.meeting_started_at = null;
  row.meeting_ended_at = null;
  clearError(row);
}

function clearError(row: LessonRow): void {
  row.meeting_error_code = null;
  row.meeting_error = null;
  row.meeting_parked = false;
}
