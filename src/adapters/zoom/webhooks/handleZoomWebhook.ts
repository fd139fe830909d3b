import { z } from 'zod';
import type { CommandContext } from '../../../commands/pipeline/context.ts';
import type { RecordMeetingRuns } from '../../../commands/zoomMeetings/types.ts';
import { deriveId } from '../../../eventLog/ids.ts';
import { defineTask, type JobRequest, type Task } from '../../reactors/reactor.ts';
import { readDelivery, type Delivery } from './delivery.ts';
import type { StoredWebhook, WebhookInbox } from './inbox.ts';

export const handleWebhookTask = 'handleZoomWebhook';
export const handleWebhookJob = (id: string): JobRequest => ({ task: handleWebhookTask, key: id, payload: { id } });

export type HandleDeps = {
  inbox: WebhookInbox;
  /** Of the current meetings; undefined when none of our lessons has it. */
  lessonOfMeeting(meetingId: string): Promise<string | undefined>;
  meetingStarted(input: RecordMeetingRuns, context: CommandContext): Promise<unknown>;
  meetingEnded(input: RecordMeetingRuns, context: CommandContext): Promise<unknown>;
};

/** Attempts (about 2 min) before a meeting that no lesson knows is taken to be somebody else's: the read model may lag behind. */
const attempts = 5;
/** Any UUID does; that of the URL namespace of RFC 9562 is at hand. */
const namespace = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

/** A stored delivery → a command. The command's id comes from the delivery, so handling it twice is one command. */
export function createHandleZoomWebhookTask({ inbox, lessonOfMeeting, meetingStarted, meetingEnded }: HandleDeps): Task {
  async function handle(webhook: StoredWebhook, delivery: Delivery, isLastAttempt: boolean): Promise<string | undefined> {
    if (delivery.event !== 'meeting.started' && delivery.event !== 'meeting.ended') return 'not of use';
    const { id: meetingId, uuid, start_time: startTime, end_time: endTime } = delivery.payload?.object ?? {};
    if (!meetingId || !uuid) return 'names no meeting';
    const lessonId = await lessonOfMeeting(meetingId);
    if (lessonId === undefined) {
      if (isLastAttempt) return 'no lesson has this meeting';
      throw new Error('no lesson has this meeting yet');
    }
    const commandId = deriveId(namespace, webhook.source, webhook.deliveryKey);
    const context: CommandContext = { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'zoom', role: 'system' }, mayBeRepeat: true };
    const isStart = delivery.event === 'meeting.started';
    const input = { lessonId, meetingId, uuid, at: instantOf(isStart ? startTime : endTime, delivery.event_ts) };
    await (isStart ? meetingStarted(input, context) : meetingEnded(input, context));
    return undefined;
  }

  return defineTask({
    name: handleWebhookTask,
    parse: (stored) => z.object({ id: z.string().regex(/^\d+$/) }).parse(stored),
    maxAttempts: attempts,
    async run({ id }, { attempt, isLastAttempt }) {
      const webhook = await inbox.read(id);
      if (!webhook || webhook.handled) return;
      const delivery = readDelivery(webhook.raw);
      await inbox.handled(id, delivery ? await handle(webhook, delivery, isLastAttempt || attempt >= attempts) : 'unreadable');
    },
  });
}

/** The time that Zoom names, else the event's own (ms since 1970), as RFC 3339 UTC. */
function instantOf(named: string | null | undefined, eventTs: string | null | undefined): string {
  const time = Date.parse(named ?? '');
  const fallback = Number(eventTs ?? Number.NaN);
  return new Date(Number.isNaN(time) ? (Number.isFinite(fallback) ? fallback : Date.now()) : time).toISOString();
}

/** Body of a job: deliveries whose job was lost are asked for again, and what is older than 30 days goes. */
export function createWebhookUpkeep(inbox: WebhookInbox, enqueue: (requests: readonly JobRequest[]) => Promise<void>) {
  return async (): Promise<{ webhooksAskedAgain: number; webhooksPurged: number }> => {
    const waiting = await inbox.waiting(5 * 60_000, 500);
    await enqueue(waiting.map(handleWebhookJob));
    return { webhooksAskedAgain: waiting.length, webhooksPurged: await inbox.purge(30) };
  };
}
