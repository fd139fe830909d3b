/** Why a socket is closed, and what a client does then. Published: docs/rooms-protocol.md and the AsyncAPI document are made from this table. */
export type Retry = 'backOff' | 'atOnce' | 'never';

export const closeCodes = {
  1009: { reason: 'tooBig', retry: 'backOff', means: 'A frame was larger than the channel takes (256 KB on board, 64 KB elsewhere).' },
  1012: { reason: 'restarting', retry: 'atOnce', means: 'The server is going away, or the room has another owner now: connect again at once, with jitter.' },
  1013: { reason: 'later', retry: 'backOff', means: 'The room cannot be reached or written right now: nothing acknowledged is lost; come back later.' },
  4008: { reason: 'slowConsumer', retry: 'backOff', means: 'Nothing was read for 30 s while more than 1 MB was waiting.' },
  4100: { reason: 'kicked', retry: 'never', means: 'Taken out of the room by somebody who may.' },
  4400: { reason: 'badMessage', retry: 'backOff', means: 'A frame was no JSON text, or no envelope, or a message that is known was malformed.' },
  4401: { reason: 'unauthenticated', retry: 'backOff', means: 'The ticket is missing, unknown, used or too old: get a new one.' },
  4403: { reason: 'forbidden', retry: 'never', means: 'The ticket is for another room or channel, or the person may not be here.' },
  4404: { reason: 'noSuchRoom', retry: 'never', means: 'There is no such room.' },
  4408: { reason: 'idle', retry: 'backOff', means: 'No hello within 10 s, or no answer to two pings.' },
  4409: { reason: 'superseded', retry: 'never', means: 'The same client (or device, for webrtc) connected anew and took over.' },
  4410: { reason: 'roomEnded', retry: 'never', means: 'The room has ended; it can be read over HTTP.' },
  4426: { reason: 'protocolTooOld', retry: 'never', means: 'No subprotocol that we speak was offered: load the page anew.' },
  4429: { reason: 'tooFast', retry: 'backOff', means: 'More messages than the limits allow, for 5 s; or too many connections of one person or one room.' },
} as const satisfies Readonly<Record<number, { reason: string; retry: Retry; means: string }>>;

export type CloseCode = keyof typeof closeCodes;

/** Published limits: `welcome.limits` tells them, the edge holds them. Bytes, milliseconds, counts. */
export const limits = {
  boardFrameBytes: 256 * 1024, otherFrameBytes: 64 * 1024,
  groupBytes: 64 * 1024, groupOps: 500,
  opsPerSecond: 60, opsBurst: 300, pointersPerSecond: 30, pointersBurst: 60,
  framesPerSecond: 200, framesBurst: 600, otherPerSecond: 20, otherBurst: 200,
  excessMs: 5_000,
  helloWithinMs: 10_000, pingEveryMs: 15_000, pingsMissed: 2,
  ephemeralEveryMs: 33,
  dropEphemeralBytes: 256 * 1024, stopLiveBytes: 1024 * 1024, resumeLiveBytes: 64 * 1024, noProgressMs: 30_000,
  tailGroups: 2_000, tailBytes: 1024 * 1024,
  devicesPerPerson: 3, socketsPerPerson: 12, socketsPerRoom: 2_000,
  ticketMs: 30_000,
} as const;
