import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import { toJson } from '../../../eventLog/jsonSafety.ts';
import { EventStoreError, type EventToAppend, type ExpectedRevision } from '../../../ports/eventStore.ts';
import { toStoredMetadata } from './recordedEvents.ts';

/** The server's default for --max-append-size, in bytes. It counts data, metadata and twice the type's length (Event.SizeOnDisk). */
const maxAppendBytes = 1024 * 1024;
const maxEvents = 1_000;

/** An append in the form in which it is sent, as often as it takes. */
export type PreparedAppend = {
  stream: string;
  ids: readonly string[];
  expectedRevision: ExpectedRevision;
  messages: BatchAppendReq.ProposedMessage[];
  bytes: number;
};

/**
 * Checks and serialises everything before anything is sent.
 * @throws EventStoreError `invalid`, `tooLarge`
 */
export function prepareAppend(stream: string, events: readonly EventToAppend[], expectedRevision: ExpectedRevision): PreparedAppend {
  if (events.length === 0 || events.length > maxEvents) throw new EventStoreError('invalid', `An append holds 1 to ${maxEvents} events, not ${events.length}.`);
  if (stream === '' || stream.startsWith('$')) throw new EventStoreError('invalid', `"${stream}" cannot be the name of a stream.`);
  if (expectedRevision !== 'noStream' && !(Number.isSafeInteger(expectedRevision) && expectedRevision >= 0)) {
    throw new EventStoreError('invalid', `${String(expectedRevision)} is no revision.`);
  }
  let bytes = 0;
  const messages = events.map((event) => {
    if (!event.type || event.type.startsWith('$')) throw new EventStoreError('invalid', `"${event.type}" cannot be the type of an event.`);
    const refused = (part: string) => (why: string) => new EventStoreError('invalid', `${event.type} ${event.id}: its ${part}${why}`);
    const data = Buffer.from(event.dataJson ?? toJson(event.data, refused('data')));
    const metadata = Buffer.from(toJson(toStoredMetadata(event), refused('metadata')));
    bytes += data.length + metadata.length + 2 * event.type.length;
    const message = new streams.BatchAppendReq.ProposedMessage().setId(new shared.UUID().setString(event.id)).setData(data).setCustomMetadata(metadata);
    message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
    return message;
  });
  if (bytes > maxAppendBytes) throw new EventStoreError('tooLarge', `The append is ${bytes} bytes long; ${maxAppendBytes} is the most.`);
  return { stream, ids: events.map(({ id }) => id), expectedRevision, messages, bytes };
}

/** One attempt. The same append under a new correlation id, so that a late answer to an earlier attempt is not taken for this one's. */
export function toRequest({ stream, expectedRevision, messages }: PreparedAppend, correlationId: string): BatchAppendReq {
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream)));
  // Types say google.protobuf.Empty; the client, too, sends its own Empty, which is the same nothing on the wire.
  if (expectedRevision === 'noStream') options.setNoStream(new shared.Empty());
  else options.setStreamPosition(String(expectedRevision));
  return new streams.BatchAppendReq().setCorrelationId(new shared.UUID().setString(correlationId)).setOptions(options).setProposedMessagesList(messages).setIsFinal(true);
}
