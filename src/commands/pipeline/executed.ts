import type { Position } from '../../ports/eventStore.ts';

/** What a command came to. */
export type Executed<State, Event> = {
  id: string;
  stream: string;
  /** Of the stream's last event after this command; -1 for a stream that does not exist. It is the ETag. */
  revision: number;
  /** At or after this command's last event: what `Min-Position` waits for. */
  position: Position;
  /** Of this command; empty when there was nothing to do. */
  events: Event[];
  state: State;
};
