import { DomainError } from '../kernel/domainError.ts';
import type { NewRoom } from './commands.ts';

/** People with a seat at the same time, at most. */
export const mostParticipants = 200;

/** @throws DomainError `invalidRoom` */
export function checkNewRoom({ title, maxParticipants, scheduledStart, scheduledEnd }: NewRoom): void {
  checkTitle(title);
  checkMost(maxParticipants);
  checkTimes(scheduledStart, scheduledEnd);
}

export function checkTitle(title: string): void {
  if (title.length < 1 || title.length > 200) throw invalid('a title has 1 to 200 characters', 'title');
}

export function checkMost(maxParticipants: number): void {
  if (!Number.isInteger(maxParticipants) || maxParticipants < 1 || maxParticipants > mostParticipants) throw invalid(`a room has 1 to ${mostParticipants} seats`, 'maxParticipants');
}

export function checkTimes(scheduledStart: string, scheduledEnd: string): void {
  if (!(Date.parse(scheduledEnd) > Date.parse(scheduledStart))) throw invalid('a room ends after it begins', 'scheduledEnd');
}

export const invalid = (message: string, field: string) => new DomainError('invalidRoom', message, { field });
