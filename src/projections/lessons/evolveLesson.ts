import type { Recorded } from '../../eventLog/recorded.ts';
import type { Imported, LessonRow } from './lessonRow.ts';

/** What people decided: stream `lesson-<id>`. Changes the row in place. */
export function evolveLesson(row: LessonRow, event: Recorded): void {
  switch (event.type) {
    case 'LessonScheduled': {
      const { data } = event;
      row.revision = event.revision;
      row.status = 'scheduled';
      row.title = data.title;
      row.teacher_id = data.teacherId;
      row.group_id = data.groupId;
      row.provider = data.provider;
      row.auto_record = data.autoRecord;
      row.series_id = data.seriesId ?? null;
      row.scheduled_at = event.metadata.occurredAt;
      row.first_import_id = data.imported?.importId ?? null;
      place(row, data);
      if (data.imported) remember(row, data.imported);
      return;
    }
    case 'LessonRescheduled':
      row.revision = event.revision;
      return place(row, event.data);
    case 'LessonMovedToAccount':
      row.revision = event.revision;
      row.account_id = event.data.accountId;
      row.reservation_id = event.data.reservationId;
      return;
    case 'LessonDetailsChanged':
      row.revision = event.revision;
      row.title = event.data.title ?? row.title;
      row.group_id = event.data.groupId === undefined ? row.group_id : event.data.groupId;
      row.auto_record = event.data.autoRecord ?? row.auto_record;
      return;
    case 'LessonTeacherReassigned':
      row.revision = event.revision;
      row.teacher_id = event.data.teacherId; // the reservation named here is the agenda's
      row.override_reason = event.data.override?.reason ?? null;
      return;
    case 'LessonStarted':
      row.revision = event.revision;
      row.status = 'live';
      row.started_at = event.data.startedAt;
      row.started_by = event.data.by;
      row.lease_id = event.data.leaseId;
      row.account_id = event.data.accountId ?? row.account_id;
      return;
    case 'LessonFinished':
      row.revision = event.revision;
      row.status = 'finished';
      row.finished_at = event.data.finishedAt;
      row.finished_by = event.data.by;
      return;
    case 'LessonCancelled':
      row.revision = event.revision;
      row.status = 'cancelled';
      row.cancelled_at = event.data.cancelledAt;
      row.cancel_reason = event.data.reason;
      return;
    case 'LessonPlaceForfeited':
      row.revision = event.revision;
      return;
    case 'LessonAbandoned':
      row.revision = event.revision;
      row.status = 'abandoned';
      return;
    case 'LessonImportedAgain':
      row.revision = event.revision;
      return remember(row, event.data.imported);
    default:
  }
}

type Placed = {
  localStart: string; zone: string; durationMinutes: number; startsAt: string; endsAt: string;
  accountId: string | null; reservationId: string; override?: { reason: string } | undefined;
};

function place(row: LessonRow, data: Placed): void {
  row.local_start = data.localStart;
  row.zone = data.zone;
  row.duration_minutes = data.durationMinutes;
  row.starts_at = data.startsAt;
  row.ends_at = data.endsAt;
  row.account_id = data.accountId;
  row.reservation_id = data.reservationId;
  row.override_reason = data.override?.reason ?? null;
}

function remember(row: LessonRow, imported: Imported): void {
  row.calendar = imported.calendar;
  row.uid = imported.uid;
  row.recurrence_id = imported.recurrenceId;
  row.import_id = imported.importId;
  row.imported = imported;
}
