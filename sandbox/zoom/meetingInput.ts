import { ZoomError, type StoredMeeting } from './types.ts';

/** What Zoom takes when a meeting is created or changed; absent = not said. */
export type MeetingInput = Partial<Pick<StoredMeeting, 'topic' | 'agenda' | 'type' | 'startTime' | 'duration' | 'timezone' | 'password' | 'autoRecording'>>;

type Problem = { field: string; message: string };

/**
 * Checks a create or update body as Zoom does: wrong types and lengths are code 300 with a list of fields, unknown fields
 * are ignored. A start in the past becomes *now*. Times with `Z` are UTC, times without are in `timezone`.
 * @throws ZoomError 400
 */
export function readMeetingInput(body: unknown, now: Date): MeetingInput {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new ZoomError(400, 300, 'Request Body should be a valid JSON object.');
  const fields = body as Record<string, unknown>;
  const problems: Problem[] = [];
  const refuse = (field: string, message: string) => void problems.push({ field, message });
  const input: MeetingInput = {};

  const text = (field: 'topic' | 'agenda' | 'password', longest: number) => {
    const value = fields[field];
    if (value === undefined) return;
    if (typeof value !== 'string') refuse(field, 'Invalid field.');
    else if (value.length > longest) refuse(field, `Invalid field. The maximum length is ${longest}.`);
    else input[field] = value;
  };
  text('topic', 200);
  text('agenda', 2000);
  text('password', 10);

  if (fields['type'] !== undefined) {
    if (fields['type'] === 1 || fields['type'] === 2 || fields['type'] === 3 || fields['type'] === 8) input.type = fields['type'];
    else refuse('type', 'Invalid field.');
  }
  if (fields['duration'] !== undefined) {
    const duration = fields['duration'];
    if (typeof duration === 'number' && Number.isInteger(duration) && duration >= 1 && duration <= 1440) input.duration = duration;
    else refuse('duration', 'Invalid field. Duration must be between 1 and 1440.');
  }
  if (fields['timezone'] !== undefined) {
    if (typeof fields['timezone'] === 'string' && isZone(fields['timezone'])) input.timezone = fields['timezone'];
    else refuse('timezone', 'Invalid field.');
  }
  if (fields['start_time'] !== undefined) {
    const start = typeof fields['start_time'] === 'string' ? readStart(fields['start_time'], input.timezone ?? 'UTC') : undefined;
    if (start === undefined) refuse('start_time', 'Invalid field. The format is yyyy-MM-ddTHH:mm:ssZ.');
    else input.startTime = wholeSeconds(start < now.getTime() ? now : new Date(start));
  }
  const settings = fields['settings'];
  if (settings !== undefined) {
    if (typeof settings !== 'object' || settings === null) refuse('settings', 'Invalid field.');
    else {
      const recording = (settings as Record<string, unknown>)['auto_recording'];
      if (recording === 'local' || recording === 'cloud' || recording === 'none') input.autoRecording = recording;
      else if (recording !== undefined) refuse('settings.auto_recording', 'Invalid field.');
    }
  }
  const scheduleFor = fields['schedule_for'];
  if (scheduleFor !== undefined && typeof scheduleFor !== 'string') refuse('schedule_for', 'Invalid field.');
  if (problems.length > 0) throw new ZoomError(400, 300, 'Validation Failed.', { errors: problems });
  return input;
}

export const wholeSeconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** Milliseconds since 1970, or undefined. */
function readStart(text: string, zone: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,3})?(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (!match) return undefined;
  const asUtc = Date.parse(`${match[1]}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  if (match[3] !== undefined) return Date.parse(text);
  return asUtc - zoneOffset(zone, asUtc);
}

/** Milliseconds to add to UTC; a wall time near a daylight-saving change may be an hour off, which a stand-in may be. */
function zoneOffset(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - at;
}
