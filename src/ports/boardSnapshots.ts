/** A board folded at a version, as it is kept: gzip of the lines that src/domain/board writes and reads. */
export type KeptBoard = {
  /** What clients get. */
  doc: Buffer;
  /** What servers need beside it: sequences, undo. */
  memory: Buffer;
};

/** `sha256` (hex) and `bytes` are those of `doc`. */
export type SnapshotFacts = { version: number; schemaVersion: number; sha256: string; bytes: number; shapes: number };

/** Where boards are kept so that nobody folds them from the start. All of it but the blobs can be made again from the log. Every call may throw when the database is away. */
export type BoardSnapshots = {
  /** The newest at or below `atMost` (default: any). */
  newest(roomId: string, atMost?: number): Promise<SnapshotFacts | undefined>;
  /** Read in slices, so that a large one never stalls the process. Undefined: it is not there (any more). */
  read(roomId: string, version: number): Promise<KeptBoard | undefined>;
  /** Only what servers need beside it. */
  readMemory(roomId: string, version: number): Promise<Buffer | undefined>;
  /** Only what clients get. */
  readDoc(roomId: string, version: number): Promise<{ facts: SnapshotFacts; doc: Buffer } | undefined>;
  /** Once per room and version; the second one of a version is not written. */
  save(roomId: string, facts: SnapshotFacts, board: KeptBoard): Promise<void>;
  /** Rooms of which more than so many versions are kept, and some that `tidied` has not been told of. */
  untidied(moreThan: number): Promise<string[]>;
  /** Of these versions and those below, whatever was superfluous is gone. */
  tidied(roomId: string, upTo: number): Promise<void>;
  /** The versions that are kept, in order. */
  versions(roomId: string): Promise<number[]>;
  /** @returns how many there were */
  remove(roomId: string, versions: readonly number[]): Promise<number>;
  /** Boards that a restore refers to, by their hash, for ever. Saving one again does nothing. */
  saveBlob(sha256: string, doc: Buffer): Promise<void>;
  readBlob(sha256: string): Promise<Buffer | undefined>;
};

/** A board to be folded: from a kept one (undefined: from the empty board), with these groups behind it: UTF-8, JSON of each in order, in lines; a line may hold several, with commas between. */
export type Folding = {
  roomId: string;
  /** Version of the kept board; 0: the empty one. */
  from: number;
  /** Fetched only when the thread does not have that board in memory any more. */
  base(): Promise<KeptBoard | undefined>;
  /** Handed over: empty afterwards. */
  groups: Uint8Array<ArrayBuffer>;
  /** Boards that restores among the groups bring back, by hash. */
  restored: ReadonlyMap<string, Buffer>;
};

/** Folds and writes boards in a thread of its own, so that a large one never stalls the process. */
export type BoardFolder = {
  /** @throws Error when the thread ended, or what is kept cannot be read */
  fold(folding: Folding): Promise<{ facts: SnapshotFacts; board: KeptBoard }>;
  close(): Promise<void>;
};
