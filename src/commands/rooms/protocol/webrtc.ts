import { z } from 'zod';
import { errorMessage, message, personId } from './envelope.ts';

/** A peer is one webrtc socket: a person on the device that has the call. Ids are the server's. */
const peerId = z.string().min(1).max(64);
export const mediaState = z.object({ video: z.boolean(), audio: z.boolean(), screen: z.boolean() });
export type MediaState = z.output<typeof mediaState>;
const sdp = z.string().max(60_000);
/** RTCIceCandidateInit; null ends the candidates. */
const candidate = z.object({
  candidate: z.string().max(2_000), sdpMid: z.string().max(100).nullable().optional(), sdpMLineIndex: z.int().min(0).max(1_000).nullable().optional(), usernameFragment: z.string().max(300).nullable().optional(),
}).nullable();

/** `publish`: wants to send; a mesh carries `maxPublishers`, one more gets the error `publisherLimit` and watches. */
const join = message('join', z.object({ publish: z.boolean().default(true), mediaState: mediaState.optional() }));
const offer = message('offer', z.object({ to: peerId, sdp }));
const answer = message('answer', z.object({ to: peerId, sdp }));
const ice = message('ice', z.object({ to: peerId, candidate }));
const media = message('mediaState', mediaState);
const leave = message('leave', z.object({}).optional());

export const webrtcFromClient = z.discriminatedUnion('t', [join, offer, answer, ice, media, leave]);
export type WebrtcFromClient = z.output<typeof webrtcFromClient>;

export const peer = z.object({ peerId, personId, name: z.string().max(200), publisher: z.boolean(), polite: z.boolean().describe('Whether YOU are the polite one towards this peer (perfect negotiation).'), mediaState });
/** After `join`, and whenever somebody comes: the whole list, without oneself. */
const peers = message('peers', z.object({
  you: peerId, publisher: z.boolean(), peers: z.array(peer),
  iceServers: z.array(z.object({ urls: z.array(z.string().max(500)), username: z.string().max(500).optional(), credential: z.string().max(500).optional() })).optional(),
  maxPublishers: z.int(),
}));
const relayedOffer = message('offer', z.object({ from: peerId, sdp }));
const relayedAnswer = message('answer', z.object({ from: peerId, sdp }));
const relayedIce = message('ice', z.object({ from: peerId, candidate }));
const relayedMedia = message('mediaState', mediaState.extend({ from: peerId }));
/** Close the connection to this peer. */
const left = message('leave', z.object({ from: peerId, reason: z.enum(['left', 'kicked', 'gone']) }));

export const webrtcFromServer = z.discriminatedUnion('t', [peers, relayedOffer, relayedAnswer, relayedIce, relayedMedia, left, errorMessage]);
export type WebrtcFromServer = z.output<typeof webrtcFromServer>;
