import { DomainError } from '../kernel/domainError.ts';
import type { By } from './commands.ts';
import { has, type Need, needs } from './permissions.ts';
import { isHost, isSeated, participantOf, permissionsOf, type Room } from './state.ts';

/**
 * Whether somebody may give this command, by the table of needs and the role in the stream. The primary host may prepare the room before
 * having a seat; everybody else is in it or has no say.
 * @throws DomainError `notInRoom`, `forbidden`
 */
export function mustMay(room: Room, { personId, authority }: By, command: Need): void {
  const need = needs[command];
  if (authority === 'system' || (authority === 'school' && need !== 'present' && need !== 'self')) return;
  const participant = participantOf(room, personId);
  const seated = isSeated(participant);
  if (!participant || participant.status === 'kicked' || (!seated && personId !== room.hostId) || (!seated && need === 'present')) throw notInRoom();
  switch (need) {
    case 'present': case 'self':
      return;
    case 'primaryHost':
      if (personId === room.hostId) return;
      break;
    case 'host':
      if (isHost(participant)) return;
      break;
    default: {
      const held = permissionsOf(room, personId);
      if (held && has(held, need)) return;
    }
  }
  throw new DomainError('forbidden', `this needs ${need === 'host' || need === 'primaryHost' ? 'the host' : `the permission ${need}`}`, { needs: need });
}

export const notInRoom = () => new DomainError('notInRoom', 'you have no seat in this room');
