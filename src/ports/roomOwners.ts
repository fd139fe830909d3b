/** A lease on a room. `epoch` grows with every owner a room ever had. */
export type RoomLease = { roomId: string; epoch: number };

export type Acquired =
  /** `tookOver`: the owner before did not let go by itself (it died, or its lease ran out); something of it may still be under way. */
  | { outcome: 'owned'; lease: RoomLease; tookOver: boolean }
  /** Somebody else's. */
  | { outcome: 'elsewhere'; process: string; nodeUrl: string };

/**
 * Which process owns a lesson room. A lease only says who should write; that nobody else does is decided by the expected revision of
 * each append. Every call may throw when the database is away: then nobody's lease has changed, as far as the caller may count on it.
 */
export type RoomOwners = {
  /** How long a lease is good after it was acquired or renewed. Milliseconds. */
  leaseMs: number;
  /** Ours if it is nobody's, run out, of a process that is dead, or ours already. */
  acquire(roomId: string): Promise<Acquired>;
  /** One statement for all. @returns those that are still ours; the others belong to somebody else by now */
  renew(leases: readonly RoomLease[]): Promise<Set<string>>;
  /** Lets go; what is somebody else's by now stays as it is. */
  release(leases: readonly RoomLease[]): Promise<void>;
  /** Rooms that somebody owns now, this process or another. */
  owned(): Promise<string[]>;
  /** Of these, the rooms that no living process owns. */
  ownerless(roomIds: readonly string[]): Promise<string[]>;
};
