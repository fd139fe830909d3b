/** One op: a shape is put on the board, or (`again`) one that is there is changed. Its text begins with the mark of `id`. */
export type BoardOp = { id: number; shape: string; again?: boolean };

/** What a client hears, as it comes off the socket: nobody folds boards here, so that the clients cost little. */
export type Heard = {
  /** Text, or bytes read as Latin-1. `initial`: what the board was when the client came. */
  data(frame: string, initial: boolean): void;
  /** The server says that it has these ops. */
  acked(ids: readonly number[]): void;
  /** The socket closed by itself. */
  closed?(code: number, reason: string): void;
};

export type BoardClient = {
  /** One message with one op or more. */
  send(ops: readonly BoardOp[]): void;
  /** Where this client points; never stored. */
  point(x: number, y: number): void;
  /** Stops reading, for ever. */
  stall(): void;
  close(): void;
  /** Came in so far on this socket, and over HTTP for it; before any decompression. */
  bytesIn(): number;
  /** Messages that came in so far. */
  messagesIn(): number;
};

export type ConnectOptions = {
  room: string;
  /** Its number among the clients of this room. */
  client: number;
  heard: Heard;
  /** Default 0. A text of so many characters follows the mark. */
  padding?: number;
};

export type RunningServer = {
  /** Its Node process (a database beside it is not in it). */
  pid: number;
  /** Resolves when the board has begun to arrive. */
  connect(options: ConnectOptions): Promise<BoardClient>;
  /** Comes back with what it missed since it left; only where the protocol has such a thing. */
  resume?(client: BoardClient, heard: Heard): Promise<BoardClient>;
  /** Longest stall of the event loop since the last call, in ms, as the server itself tells. */
  longestStall?(): Promise<number>;
  /** Has a snapshot made of the board now. */
  snapshot?(room: string): Promise<void>;
  /** kill -9 of the server process; its database lives on, as when a process crashes. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

export type Contestant = {
  name: string;
  /** What an acknowledged op survives, in a few words. */
  durability: string;
  acknowledges: boolean;
  /** @param folder where it keeps its data; the same folder again: the same boards */
  start(folder: string): Promise<RunningServer>;
};
