import { START, type Position } from '../../../ports/eventStore.ts';

/** As wide as the largest bigint, so that positions compare as strings in log order. */
const width = 19;

/** @param place from 1; 0 = before the first event. Text, because bigint outgrows a JavaScript number. */
export function toPosition(place: string | number): Position {
  const text = String(place);
  return text === '0' ? START : text.padStart(width, '0');
}

/** The bigint, as text. @throws Error when this was never a position of a Postgres log. */
export function fromPosition(position: Position): string {
  if (position === START) return '0';
  if (!/^\d{19}$/.test(position)) throw new Error(`"${position}" is not a position of this log.`);
  return BigInt(position).toString();
}
