/** What a browser is told to reach others with; the shape is that of RTCConfiguration.iceServers. Source: W3C WebRTC, RTCIceServer. */
export type IceServer = { urls: string[]; username?: string; credential?: string };

export type IceGrant = {
  iceServers: IceServer[];
  /** When the credentials in it end; null: there are none that do. At most ten minutes ahead. */
  expiresAt: Date | null;
  /** For `revoke`; null where nothing can be taken back: then it ends with `expiresAt`. */
  revokeHandle: string | null;
};

/** STUN and TURN for the calls in rooms. */
export type IceServers = {
  /** Never throws and never takes longer than two seconds: without a relay most people still reach each other, so a call begins without one rather than not at all. */
  forPerson(roomId: string, personId: string): Promise<IceGrant>;
  /**
   * Ends credentials before their time, e.g. after a kick. Never throws; again for the same handle does no harm.
   * `failed`: tried several times, they live until they expire.
   */
  revoke(handle: string): Promise<'revoked' | 'failed'>;
};
