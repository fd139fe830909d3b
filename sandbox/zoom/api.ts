import { randomBytes } from 'node:crypto';
import type { Lifecycle } from './lifecycle.ts';
import type { RateCategory, RateLimits } from './limits.ts';
import { readMeetingInput } from './meetingInput.ts';
import type { School } from './school.ts';
import { listedMeetingJson, meetingJson, userJson } from './shapes.ts';
import { ZoomError, type Answer, type ApiRequest, type StoredMeeting } from './types.ts';

export type Api = (request: ApiRequest) => Answer;

export type ApiParts = {
  school: School;
  lifecycle: Lifecycle;
  limits: RateLimits;
  now(): Date;
  joinUrl(meeting: StoredMeeting): string;
  /** With a host login that lives 2 h. */
  startUrl(meeting: StoredMeeting): string;
  /** A host login (ZAK) for a user. */
  zak(userId: string): string;
};

/** next_page_token lives 15 min, of real time. */
const pageTokenLifetimeMs = 15 * 60_000;

/** API v2, as far as Lectern uses it. Rate categories are the labels of the vendor's own descriptions. */
export function createApi({ school, lifecycle, limits, now, joinUrl, startUrl, zak }: ApiParts): Api {
  const pages = new Map<string, { accountId: string; userId: string; from: number; until: number }>();
  const meetingOf = (request: ApiRequest) => school.meeting(meetingId(request.rawPath[1] ?? ''), request.accountId);
  const describe = (meeting: StoredMeeting) =>
    meetingJson(meeting, school.user(meeting.accountId, meeting.hostId), { joinUrl: joinUrl(meeting), startUrl: startUrl(meeting) });

  function createMeeting(request: ApiRequest): Answer {
    const host = school.user(request.accountId, request.path[1] ?? '');
    limits.countHostDay(host.id);
    return { status: 201, body: describe(school.create(host, readMeetingInput(request.body, now()))) };
  }

  function changeMeeting(request: ApiRequest): Answer {
    const meeting = meetingOf(request);
    const scheduleFor = (request.body as { schedule_for?: string } | undefined)?.schedule_for;
    if (scheduleFor !== undefined && school.user(request.accountId, scheduleFor).id !== meeting.hostId) {
      throw new ZoomError(400, 3000, `You cannot schedule a meeting for ${scheduleFor}`);
    }
    limits.countHostDay(meeting.hostId);
    school.change(meeting, readMeetingInput(request.body, now()));
    return { status: 204 };
  }

  function deleteMeeting(request: ApiRequest): Answer {
    const meeting = meetingOf(request);
    // (r): the vendor's description does not list it; seen in practice for a meeting that runs.
    if (meeting.running) throw new ZoomError(400, 3002, 'Sorry, you cannot delete this meeting since it is in progress.');
    school.remove(meeting);
    return { status: 204 };
  }

  function setStatus(request: ApiRequest): Answer {
    const meeting = meetingOf(request);
    const action = (request.body as { action?: unknown } | undefined)?.action;
    if (action !== 'end') throw new ZoomError(400, 300, 'Validation Failed.', { errors: [{ field: 'action', message: 'Invalid field.' }] });
    if (!meeting.running) throw new ZoomError(400, 3061, 'The meeting has not started.'); // (r)
    lifecycle.end(meeting);
    return { status: 204 };
  }

  function controlLive(request: ApiRequest): Answer {
    const meeting = meetingOf(request);
    const method = (request.body as { method?: unknown } | undefined)?.method;
    if (typeof method !== 'string' || !/^recording\.(start|stop|pause|resume)$/.test(method)) {
      throw new ZoomError(400, 300, 'Validation Failed.', { errors: [{ field: 'method', message: 'Invalid field.' }] });
    }
    if (!meeting.running) throw new ZoomError(404, 3001, `Meeting does not exist: ${meeting.id}.`);
    return { status: 202 };
  }

  function listMeetings(request: ApiRequest): Answer {
    const host = school.user(request.accountId, request.path[1] ?? '');
    const type = request.query.get('type') ?? 'scheduled';
    const of = school.meetings().filter((meeting) => meeting.hostId === host.id && isListed(meeting, type, now()));
    of.sort((a, b) => a.startTime.localeCompare(b.startTime) || a.id - b.id);
    const size = pageSize(request);
    const from = pageFrom(request, host.id);
    const more = from + size < of.length;
    const token = more ? randomBytes(24).toString('base64url') : '';
    if (more) pages.set(token, { accountId: request.accountId, userId: host.id, from: from + size, until: Date.now() + pageTokenLifetimeMs });
    const items = of.slice(from, from + size).map((meeting) => listedMeetingJson(meeting, joinUrl(meeting)));
    return { status: 200, body: { page_size: size, total_records: of.length, next_page_token: token, meetings: items } };
  }

  function pageFrom(request: ApiRequest, userId: string): number {
    const token = request.query.get('next_page_token') ?? '';
    if (token === '') return 0;
    const page = pages.get(token);
    if (!page || page.until < Date.now() || page.userId !== userId || page.accountId !== request.accountId) {
      throw new ZoomError(400, 300, 'The next page token is invalid or expired.');
    }
    return page.from;
  }

  function pastMeeting(request: ApiRequest): Answer {
    const uuid = meetingId(request.rawPath[1] ?? '');
    const meeting = school.meeting(uuid, request.accountId);
    const past = meeting.past.findLast((instance) => instance.uuid === uuid || String(meeting.id) === uuid);
    if (!past) throw new ZoomError(404, 3001, `Meeting does not exist: ${uuid}.`);
    return {
      status: 200,
      body: { id: meeting.id, uuid: past.uuid, host_id: meeting.hostId, type: meeting.type, topic: meeting.topic, duration: meeting.duration, start_time: past.startedAt, end_time: past.endedAt },
    };
  }

  function userToken(request: ApiRequest): Answer {
    const user = school.user(request.accountId, request.path[1] ?? '');
    if (request.query.get('type') !== 'zak') throw new ZoomError(400, 300, 'Token is no longer supported. Please use ZAK token instead.');
    return { status: 200, body: { token: zak(user.id) } };
  }

  function listRecordings(request: ApiRequest): Answer {
    school.user(request.accountId, request.path[1] ?? '');
    const today = new Date().toISOString().slice(0, 10);
    const [from, to] = [request.query.get('from') ?? today, request.query.get('to') ?? today];
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
    if (!(days >= 0 && days <= 31)) throw new ZoomError(400, 300, 'Invalid date range: at most one month.');
    return { status: 200, body: { from, to, page_count: 1, page_size: pageSize(request), total_records: 0, next_page_token: '', meetings: [] } };
  }

  const getUser = (request: ApiRequest): Answer => ({ status: 200, body: userJson(school.user(request.accountId, request.path[1] ?? '')) });
  const getMeeting = (request: ApiRequest): Answer => ({ status: 200, body: describe(meetingOf(request)) });

  const routes: Record<string, [RateCategory, Api]> = {
    'POST users/*/meetings': ['light', createMeeting],
    'GET users/*/meetings': ['medium', listMeetings],
    'GET users/*/recordings': ['medium', listRecordings],
    'GET users/*/token': ['light', userToken],
    'GET users/*': ['light', getUser],
    'GET meetings/*': ['light', getMeeting],
    'PATCH meetings/*': ['light', changeMeeting],
    'DELETE meetings/*': ['light', deleteMeeting],
    'PUT meetings/*/status': ['light', setStatus],
    'PATCH live_meetings/*/events': ['light', controlLive],
    'GET past_meetings/*': ['light', pastMeeting],
  };

  return (request) => {
    const shape = request.path.map((part, index) => (index === 1 ? '*' : part)).join('/');
    const route = routes[`${request.method} ${shape}`];
    if (!route) throw new ZoomError(404, 2300, 'This API endpoint is not recognized.');
    const headers = limits.count(request.accountId, route[0]);
    const answer = route[1](request);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  };
}

function pageSize(request: ApiRequest): number {
  const size = Number(request.query.get('page_size') ?? '30');
  if (!Number.isInteger(size) || size < 1 || size > 300) throw new ZoomError(400, 300, 'Validation Failed.', { errors: [{ field: 'page_size', message: 'Invalid field. At most 300.' }] });
  return size;
}

/** `scheduled` also lists past ones that have not expired (30 days after their start). */
function isListed(meeting: StoredMeeting, type: string, now: Date): boolean {
  const end = Date.parse(meeting.startTime) + meeting.duration * 60_000;
  switch (type) {
    case 'live':
      return meeting.running !== undefined;
    case 'scheduled':
      return end > now.getTime() - 30 * 86_400_000;
    case 'upcoming':
    case 'upcoming_meetings':
      return end > now.getTime();
    case 'previous_meetings':
      return meeting.past.length > 0;
    default:
      throw new ZoomError(400, 300, 'Validation Failed.', { errors: [{ field: 'type', message: 'Invalid field.' }] });
  }
}

/** A UUID that begins with `/` or holds `//` has to be encoded twice; encoded once it names nothing, as at the vendor. */
function meetingId(raw: string): string {
  const once = decodeURIComponent(raw);
  if (once.startsWith('/') || once.includes('//')) throw new ZoomError(404, 3001, `Meeting does not exist: ${once}.`);
  return /%[0-9A-Fa-f]{2}/.test(once) ? decodeURIComponent(once) : once;
}
