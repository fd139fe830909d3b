import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id, instant, zone } from '../kernel/fields.ts';

const meeting = { lessonId: id, generation: z.int().min(1) };

/** Stream `zoomMeeting-<lessonId>`: what the adapter did, apart from the lesson, so that it never makes a person's If-Match fail. */
export const zoomMeetingEvents = {
  /** Written before the vendor is called: from here on a meeting `ref:<lessonId>.<generation>` may exist. */
  MeetingClaimed: eventType(
    z.object({
      ...meeting, accountId: id, claimedAt: instant,
      title: z.string(), startsAt: instant, zone, durationMinutes: z.int().positive(), autoRecord: z.boolean(),
    }),
  ),
  MeetingCreated: eventType(z.object({ ...meeting, accountId: id, meetingId: z.string(), uuid: z.string(), joinUrl: z.string(), passcode: z.string(), adopted: z.boolean() })),
  /** `parked`: the last attempt; it is listed and waits for a hand. */
  MeetingFailed: eventType(z.object({ ...meeting, code: z.string(), message: z.string(), parked: z.boolean() })),
  MeetingDeleted: eventType(z.object({ ...meeting, meetingId: z.string(), alreadyGone: z.boolean() })),
  /** What the vendor's webhooks told; facts about one generation, whichever is current. */
  MeetingStarted: eventType(z.object({ ...meeting, meetingId: z.string(), uuid: z.string(), at: instant })),
  MeetingEnded: eventType(z.object({ ...meeting, meetingId: z.string(), uuid: z.string(), at: instant })),
};
