/*
 * The part of an RTCPeerConnection that is used, in the words of https://www.w3.org/TR/webrtc/. Written down here so that the client
 * compiles, and its negotiation is tested, where there is no browser; the browser's own fits.
 */
export type Description = { type: 'offer' | 'answer' | 'pranswer' | 'rollback'; sdp: string };
export type Candidate = { candidate?: string; sdpMid?: string | null; sdpMLineIndex?: number | null; usernameFragment?: string | null };
export type Track = { readonly kind: string; readonly id: string; enabled: boolean; stop(): void };
export type MediaStreamLike = { readonly id: string; getTracks(): Track[] };
export type Sender = { readonly track: Track | null; replaceTrack(track: Track | null): Promise<void> };
export type IceServer = { urls: string[]; username?: string | undefined; credential?: string | undefined };

export type PeerConnection = {
  readonly signalingState: string;
  readonly connectionState: string;
  readonly iceConnectionState: string;
  readonly localDescription: { readonly type: string; readonly sdp: string } | null;
  setLocalDescription(description?: Description): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  addIceCandidate(candidate?: Candidate | null): Promise<void>;
  addTrack(track: Track, stream: MediaStreamLike): Sender;
  removeTrack(sender: Sender): void;
  restartIce(): void;
  setConfiguration(configuration: { iceServers: IceServer[] }): void;
  close(): void;
  onnegotiationneeded: (() => void) | null;
  onicecandidate: ((event: { candidate: { toJSON(): Candidate } | null }) => void) | null;
  ontrack: ((event: { track: Track; streams: readonly MediaStreamLike[] }) => void) | null;
  onconnectionstatechange: (() => void) | null;
  oniceconnectionstatechange: (() => void) | null;
};

export type MakePeerConnection = (configuration: { iceServers: IceServer[] }) => PeerConnection;

/** The browser's. @throws Error where there is none */
export const browserPeerConnection: MakePeerConnection = (configuration) => {
  const { RTCPeerConnection: Make } = globalThis as unknown as { RTCPeerConnection?: new (configuration: { iceServers: IceServer[] }) => PeerConnection };
  if (!Make) throw new Error('There is no RTCPeerConnection here.');
  return new Make(configuration);
};
