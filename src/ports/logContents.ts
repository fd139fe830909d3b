import type { Position } from './eventStore.ts';

export type Wanted = {
  /** Any of these. */
  types?: readonly string[] | undefined;
  /** Who caused it. */
  person?: string | undefined;
};

/** Events beyond `after`, up to `last`. */
export type Stretch = { after: Position; last: Position; events: number };

/** The log's table of contents: where in it events of a type, or of a person, may be. It ends somewhat before the log does. */
export type LogContents = {
  /** Up to where the log is covered; START: nothing is. */
  covered(): Promise<Position>;
  /** Stretches that hold an event of each kind that is wanted, at most `limit`, from the one with `from` in it on, in `direction`. */
  stretches(wanted: Wanted, direction: 'forwards' | 'backwards', from: Position | undefined, limit: number): Promise<Stretch[]>;
  /** Covers what has come since, by whole stretches. @returns how many */
  extend(signal: AbortSignal): Promise<number>;
};
