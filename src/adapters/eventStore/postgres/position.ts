import { EventStoreError, START, type Position } from '../../../ports/eventStore.ts';

/** As wide as the largest bigint, so that positions compare as strings in log order. */
const width = 19;
const largest = 2n ** 63n - 1n;

/** @param place from 1; 0 = before the first event. Text, because bigint outgrows a JavaScript number. */
export function toPosition(place: string | number): Position {
  const text = String(place);
  return text === '0' ? START : text.padStart(width, '0');
}

/** The bigint, as text. @throws EventStoreError `invalid` when this was never a position of a Postgres log. */
export function fromPosition(position: Position): string {
  if (position === START) return '0';
  // Nineteen digits can be more than the largest bigint: Postgres would refuse them in its own words.
  if (!/^\d{19}$/.test(position) || BigInt(position) > largest) throw new EventStoreError('invalid', `"${position}" is not a position of this log.`);
  return BigInt(position).toString();
}
