import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Lenient: Zoom's own examples break its schemas, ids are strings in meeting.* and numbers in recording.*. */
const text = z.union([z.string(), z.number()]).transform(String).nullish().catch(undefined);
const participant = z.looseObject({ participant_uuid: text, user_id: text, id: text, join_time: text, leave_time: text }).nullish().catch(undefined);
const object = z.looseObject({ id: text, uuid: text, start_time: text, end_time: text, participant, recording_file: z.looseObject({ id: text }).nullish().catch(undefined) });
const delivery = z.looseObject({
  event: z.string().min(1).max(200),
  event_ts: text,
  payload: z.looseObject({ plainToken: z.string().max(200).optional().catch(undefined), object: object.optional().catch(undefined) }).optional().catch(undefined),
});

export type Delivery = z.infer<typeof delivery>;

/** Undefined when the bytes are not a JSON object with an event's name. */
export function readDelivery(raw: Buffer): Delivery | undefined {
  try {
    const parsed = delivery.safeParse(JSON.parse(raw.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Zoom gives deliveries no id: the event, its time, the instance, and whom or what of it name one. */
export function deliveryKey({ event, event_ts, payload }: Delivery): string {
  const { id, uuid, participant: person, recording_file: file } = payload?.object ?? {};
  const parts = [event, event_ts, id, uuid, person?.participant_uuid ?? person?.user_id ?? person?.id, person?.join_time ?? person?.leave_time, file?.id];
  return createHash('sha256').update(JSON.stringify(parts.map((part) => part ?? null))).digest('hex');
}
