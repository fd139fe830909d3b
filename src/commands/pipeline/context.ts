/** Who asks, and on what command: stamped on every event. */
export type CommandContext = {
  /** UUID. From the person, the route and the Idempotency-Key, or fresh. Ids of events and of new aggregates derive from it. */
  commandId: string;
  correlationId: string;
  causationId: string;
  actor: { id: string; role: string };
  /** True when this command may have run before and its answer was lost: its own events are looked for before anything is decided. */
  mayBeRepeat?: boolean;
};
