import { Ajv, type ValidateFunction } from 'ajv';
import type { Channel } from '../../../../src/commands/rooms/protocol/envelope.ts';
import { asyncApiDocument, messageId } from '../../../../src/http/docs/asyncApi/document.ts';

type Document = { components: { messages: Record<string, { payload: object }> } };

const { messages } = (asyncApiDocument() as Document).components;
const ajv = new Ajv({ strict: false, allErrors: true });
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a frame by the published document; undefined: nothing. */
export function whyNotPublished(channel: Channel, by: 'client' | 'server', text: string): string | undefined {
  const frame = JSON.parse(text) as { t: string };
  const id = messageId(channel, by, frame.t);
  const message = messages[id];
  if (!message) return `${id} is not in the document`;
  let check = compiled.get(id);
  if (!check) compiled.set(id, (check = ajv.compile(message.payload)));
  return check(frame) ? undefined : `${id}: ${ajv.errorsText(check.errors)} in ${text.slice(0, 300)}`;
}

/** Throws where a frame is not as the document says: a test that listens with it fails. */
export function checkFrame(channel: Channel, by: 'client' | 'server', text: string): void {
  const why = whyNotPublished(channel, by, text);
  if (why !== undefined) throw new Error(why);
}
