import { z } from 'zod';
import { boardFromClient, boardFromServer } from '../../../commands/rooms/protocol/board.ts';
import { closeCodes, limits } from '../../../commands/rooms/protocol/closeCodes.ts';
import { channels, subprotocol, type Channel } from '../../../commands/rooms/protocol/envelope.ts';
import { systemFromClient, systemFromServer } from '../../../commands/rooms/protocol/system.ts';
import { webrtcFromClient, webrtcFromServer } from '../../../commands/rooms/protocol/webrtc.ts';
import { transcript } from './transcript.ts';
import { words } from './words.ts';

type Json = Record<string, unknown>;
type Union = { options: readonly (z.ZodType & { shape: { t: { value: string } } })[] };

const unions: Record<Channel, { client: Union; server: Union }> = {
  board: { client: boardFromClient, server: boardFromServer },
  webrtc: { client: webrtcFromClient, server: webrtcFromServer },
  system: { client: systemFromClient, server: systemFromServer },
};

const about: Record<Channel, string> = {
  board: 'The whiteboard: op groups, undo, who points where.',
  webrtc: 'Signalling for calls between the people of a room.',
  system: 'The room and its people: status, permissions, hands, chat.',
};

export const versionPolicy = [
  `The subprotocol is ${subprotocol}; it has to be offered. A change that an old client could not live with gets a new number, and the old one is served for a release beside it; then who offers only that is closed with 4426.`,
  'Within a number things are only added: readers leave alone fields that they do not know, and clients a `t` that they do not know. A `t` that the server does not know is answered by `error`, not by a close.',
].join(' ');

const description = [
  'The sockets of lesson rooms. Each frame is JSON text: `{ t, id?, ts?, d }`.',
  'A socket is opened with a ticket (POST /api/v1/classroom/sessions/{id}/ticket), good for one socket within 30 s. Since browsers cannot read a refused upgrade, everything but a forbidden Origin (403) is accepted, and then closed with a code; `x-close-codes` says which are worth coming back after.',
  versionPolicy,
  'What is asked over HTTP: /openapi.json.',
].join('\n\n');

/**
 * AsyncAPI 3.0, made from the schemas that check every frame. As AsyncAPI has it, `receive` is what the server takes, `send` what it says.
 * Objects are open, as the version policy says.
 */
export function asyncApiDocument(): Json {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Lectern: lesson rooms', version: '1', description, license: { name: 'Unlicensed' } },
    defaultContentType: 'application/json',
    servers: { school: { host: '{host}', protocol: 'wss', description: 'The school\'s own server; ws where it serves plain HTTP.', variables: { host: { default: '127.0.0.1:3000' } } } },
    channels: Object.fromEntries(channels.map((channel) => [channel, channelOf(channel)])),
    operations: Object.fromEntries(channels.flatMap((channel) => [operationOf(channel, 'client'), operationOf(channel, 'server')])),
    components: { messages: Object.fromEntries(channels.flatMap((channel) => [...messagesOf(channel, 'client'), ...messagesOf(channel, 'server')])) },
    'x-close-codes': Object.entries(closeCodes).map(([code, { reason, retry, means }]) => ({ code: Number(code), reason, retry, means })),
    'x-limits': limits,
    'x-transcript': transcript,
  };
}

/** `board.client.hello`: the t alone is not enough, both sides say `ops`. */
export const messageId = (channel: Channel, by: 'client' | 'server', t: string): string => `${channel}.${by}.${t}`;

const channelOf = (channel: Channel): Json => ({
  address: `/ws/classroom/{roomId}/${channel}`,
  title: channel,
  description: `${about[channel]} Frames of at most ${(channel === 'board' ? limits.boardFrameBytes : limits.otherFrameBytes) / 1024} KB.`,
  servers: [{ $ref: '#/servers/school' }],
  parameters: { roomId: { description: 'Id of the room session.' } },
  messages: Object.fromEntries((['client', 'server'] as const).flatMap((by) => namesOf(channel, by).map((t) => [messageId(channel, by, t), { $ref: `#/components/messages/${messageId(channel, by, t)}` }]))),
  bindings: { ws: { method: 'GET', query: { type: 'object', required: ['ticket'], properties: { ticket: { type: 'string', maxLength: 64, description: 'For this room and this channel.' } } }, bindingVersion: '0.1.0' } },
});

const operationOf = (channel: Channel, by: 'client' | 'server'): [string, Json] => [
  `${channel}.${by}`,
  {
    action: by === 'client' ? 'receive' : 'send',
    channel: { $ref: `#/channels/${channel}` },
    summary: by === 'client' ? `What a client says on ${channel}.` : `What the server says on ${channel}.`,
    messages: namesOf(channel, by).map((t) => ({ $ref: `#/channels/${channel}/messages/${messageId(channel, by, t)}` })),
  },
];

const namesOf = (channel: Channel, by: 'client' | 'server'): string[] => unions[channel][by].options.map((option) => option.shape.t.value);

const messagesOf = (channel: Channel, by: 'client' | 'server'): [string, Json][] =>
  unions[channel][by].options.map((option) => {
    const t = option.shape.t.value;
    return [messageId(channel, by, t), { name: t, title: `${t} (from the ${by})`, summary: (words[channel][by] as Record<string, string>)[t], contentType: 'application/json', payload: payloadOf(option, by) }];
  });

/** draft-07, as AsyncAPI's own schema dialect is. */
function payloadOf(schema: z.ZodType, by: 'client' | 'server'): unknown {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { target: 'draft-7', io: by === 'client' ? 'input' : 'output', unrepresentable: 'any' });
  return open(payload);
}

function open(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(open);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).filter(([key, value]) => !(key === 'additionalProperties' && value === false)).map(([key, value]) => [key, open(value)]));
}
