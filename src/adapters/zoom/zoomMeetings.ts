import { z } from 'zod';
import type { Meeting, MeetingHost, MeetingPlan, Meetings } from '../../ports/meetings.ts';
import type { ZoomClient } from './client.ts';
import { ZoomApiError } from './errors.ts';

/** Lenient on purpose: the vendor's own examples break its schemas. Only what we cannot do without must be there. */
const meetingAnswer = z.looseObject({
  id: z.union([z.number(), z.string()]).transform(String),
  uuid: z.string().nullish(),
  join_url: z.string().nullish(),
  start_url: z.string().nullish(),
  password: z.string().nullish(),
  agenda: z.string().nullish(),
  start_time: z.string().nullish(),
  status: z.string().nullish(),
});
const listAnswer = z.looseObject({ meetings: z.array(z.unknown()).nullish(), next_page_token: z.string().nullish() });
const tokenAnswer = z.looseObject({ token: z.string().min(1) });
type MeetingAnswer = z.infer<typeof meetingAnswer>;

/** `type` 2 is a scheduled meeting. Source: Zoom, POST /users/{userId}/meetings. */
const scheduledMeeting = 2;
/** A meeting that runs cannot be deleted (from memory: code 3002); it is ended first. */
const runningCode = 3002;
const mostPages = 50;

const agendaOf = (ref: string) => `ref:${ref}\nMade by Lectern. Please leave the first line as it is.`;
const refOf = (agenda: string | null | undefined) => /^ref:(\S+)/.exec(agenda ?? '')?.[1] ?? '';

/** Meetings on Zoom's API v2. A list's agenda is cut to 250 characters, so the ref comes first in it. */
export function createZoomMeetings(client: ZoomClient): Meetings {
  const get = async (host: MeetingHost, meetingId: string): Promise<MeetingAnswer> =>
    parse(meetingAnswer, await client.call(host.credentialsRef, { method: 'GET', route: '/meetings/{meetingId}', params: { meetingId }, category: 'light', repeatable: true }), 'unavailable');

  /** Meetings in a list that cannot be read are passed over: one of them must not hide the others. */
  async function list(host: MeetingHost, type: 'scheduled' | 'upcoming' | 'live'): Promise<MeetingAnswer[]> {
    const found: MeetingAnswer[] = [];
    let pageToken = '';
    for (let page = 0; page < mostPages; page += 1) {
      const answer = parse(
        listAnswer,
        await client.call(host.credentialsRef, {
          method: 'GET', route: '/users/{userId}/meetings', params: { userId: host.user }, category: 'medium', repeatable: true,
          query: { type, page_size: '300', ...(pageToken === '' ? {} : { next_page_token: pageToken }) },
        }),
        'unavailable',
      );
      for (const item of answer.meetings ?? []) {
        const meeting = meetingAnswer.safeParse(item);
        if (meeting.success) found.push(meeting.data);
      }
      pageToken = answer.next_page_token ?? '';
      if (pageToken === '') return found;
    }
    // An absence that was not fully looked for is not an absence.
    throw new ZoomApiError('unavailable', `a host's list of meetings has more than ${mostPages} pages`, { status: 200 });
  }

  const end = async (host: MeetingHost, meetingId: string): Promise<void> => {
    try {
      await client.call(host.credentialsRef, { method: 'PUT', route: '/meetings/{meetingId}/status', params: { meetingId }, body: { action: 'end' }, category: 'light', repeatable: true });
    } catch (error) {
      if (isGone(error)) return;
      if (!(error instanceof ZoomApiError) || error.code !== 'rejected') throw error;
      // Zoom refuses to end what does not run, under codes that it does not list: look.
      if ((await get(host, meetingId)).status === 'started') throw error;
    }
  };

  const remove = (host: MeetingHost, meetingId: string) =>
    client.call(host.credentialsRef, {
      method: 'DELETE', route: '/meetings/{meetingId}', params: { meetingId }, query: { schedule_for_reminder: 'false', cancel_meeting_reminder: 'false' }, category: 'light', repeatable: true,
    });

  return {
    async create(host: MeetingHost, plan: MeetingPlan): Promise<Meeting> {
      const answer = await client.call(host.credentialsRef, {
        method: 'POST', route: '/users/{userId}/meetings', params: { userId: host.user }, category: 'light', repeatable: false,
        body: {
          topic: plan.title.slice(0, 200), type: scheduledMeeting, start_time: `${plan.startsAt.slice(0, 19)}Z`, duration: plan.durationMinutes, timezone: plan.zone,
          agenda: agendaOf(plan.ref), default_password: true, settings: { auto_recording: plan.autoRecord ? 'cloud' : 'none' },
        },
      });
      return toMeeting(parse(meetingAnswer, answer, 'unknownOutcome'));
    },

    async find(host, ref) {
      const listed = (await list(host, 'scheduled')).filter((meeting) => refOf(meeting.agenda) === ref);
      const found: Meeting[] = [];
      for (const { id } of listed) {
        try {
          found.push(toMeeting(await get(host, id))); // lists have no passcode
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      }
      return found;
    },

    async list(host) {
      return (await list(host, 'upcoming')).map((meeting) => ({ ...toMeeting(meeting), ref: refOf(meeting.agenda), startsAt: meeting.start_time ?? '' }));
    },

    async delete(host, meetingId) {
      try {
        await remove(host, meetingId).catch(async (error: unknown) => {
          if (!(error instanceof ZoomApiError) || error.zoomCode !== runningCode) throw error;
          await end(host, meetingId);
          await remove(host, meetingId);
        });
        return 'deleted';
      } catch (error) {
        if (isGone(error)) return 'alreadyGone';
        throw error;
      }
    },

    end,

    live: async (host) => (await list(host, 'live')).map((meeting) => meeting.id),

    async startUrl(host, meetingId) {
      const meeting = await get(host, meetingId);
      if (meeting.start_url) return meeting.start_url;
      const answer = await client.call(host.credentialsRef, {
        method: 'GET', route: '/users/{userId}/token', params: { userId: host.user }, query: { type: 'zak' }, category: 'light', repeatable: true,
      });
      const { token } = parse(tokenAnswer, answer, 'unavailable');
      return `${new URL(meeting.join_url ?? 'https://zoom.us').origin}/s/${meeting.id}?zak=${encodeURIComponent(token)}`;
    },
  };
}

const toMeeting = (answer: MeetingAnswer): Meeting => ({ id: answer.id, uuid: answer.uuid ?? '', joinUrl: answer.join_url ?? '', passcode: answer.password ?? '' });

/** 404 with code 3001: no such meeting. Another 404 (1001, no such user) is a fault of ours, not an absence. */
const isGone = (error: unknown) => error instanceof ZoomApiError && error.status === 404 && error.zoomCode === 3001;

function parse<Schema extends z.ZodType>(schema: Schema, answer: unknown, code: 'unavailable' | 'unknownOutcome'): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new ZoomApiError(code, `Zoom's answer cannot be read: ${z.prettifyError(parsed.error).slice(0, 200)}`, { status: 200 });
  return parsed.data;
}
