import { EventStoreError, START, type Position } from '../../../ports/eventStore.ts';

/** Where EventStoreDB puts a record: byte offsets in its transaction log. Never computed, only taken from what it sent. */
export type LogPosition = { commit: bigint; prepare: bigint };

const width = 16;
const hex = (offset: bigint) => offset.toString(16).padStart(width, '0');

/** `<commit>-<prepare>`, sixteen hexadecimal digits each (an unsigned 64-bit number), so that strings compare as positions do. */
export const encodePosition = ({ commit, prepare }: LogPosition): Position => `${hex(commit)}-${hex(prepare)}`;

/** @returns undefined for START. @throws EventStoreError `invalid` when the string is not a position of this adapter */
export function decodePosition(position: Position): LogPosition | undefined {
  if (position === START) return undefined;
  const match = /^([0-9a-f]{16})-([0-9a-f]{16})$/.exec(position);
  if (!match) throw new EventStoreError('invalid', `"${position}" is not a position in an EventStoreDB log`);
  return { commit: BigInt(`0x${match[1]}`), prepare: BigInt(`0x${match[2]}`) };
}
