import { aggregate } from '../kernel/decider.ts';
import { DomainError } from '../kernel/domainError.ts';
import type { EventOf } from '../kernel/eventType.ts';
import type { Role } from '../kernel/fields.ts';
import { personEvents } from './events.ts';

type Details = { name: string; email: string; role: Role; timeZone: string; moodleUserId: string; zohoContactId: string };
export type Person = Details & { status: 'unknown' | 'active' | 'inactive' };

export type PersonCommand = { personId: string } & (
  | ({ type: 'register' } & Details)
  | ({ type: 'change' } & { [Key in keyof Details]?: Details[Key] | undefined })
  | { type: 'deactivate' }
  | { type: 'reactivate' }
);

const fields = ['name', 'email', 'role', 'timeZone', 'moodleUserId', 'zohoContactId'] as const;

function changedFields(person: Person, command: Extract<PersonCommand, { type: 'change' }>): Partial<Details> {
  return Object.fromEntries(fields.filter((field) => command[field] !== undefined && command[field] !== person[field]).map((field) => [field, command[field]]));
}

/** Stream `person-<personId>`. Refuses with `personNotFound`, `personExists`. */
export const person = aggregate<Person, PersonCommand, typeof personEvents>({
  category: 'person',
  events: personEvents,
  decider: {
    initial: { status: 'unknown', name: '', email: '', role: 'student', timeZone: '', moodleUserId: '', zohoContactId: '' },
    evolve(state, event): Person {
      switch (event.type) {
        case 'PersonRegistered': {
          const { personId: _, ...details } = event.data;
          return { ...details, status: 'active' };
        }
        case 'PersonChanged': {
          const { name = state.name, email = state.email, role = state.role, timeZone = state.timeZone } = event.data;
          const { moodleUserId = state.moodleUserId, zohoContactId = state.zohoContactId } = event.data;
          return { ...state, name, email, role, timeZone, moodleUserId, zohoContactId };
        }
        case 'PersonDeactivated':
          return { ...state, status: 'inactive' };
        case 'PersonReactivated':
          return { ...state, status: 'active' };
      }
    },
    decide(command, state): EventOf<typeof personEvents>[] {
      const { personId } = command;
      if (command.type === 'register') {
        if (state.status !== 'unknown') throw new DomainError('personExists', 'this person is registered already', { personId });
        const { type: _, ...data } = command;
        return [{ type: 'PersonRegistered', data }];
      }
      if (state.status === 'unknown') throw new DomainError('personNotFound', 'there is no such person', { personId });
      switch (command.type) {
        case 'change': {
          const changes = changedFields(state, command);
          return Object.keys(changes).length > 0 ? [{ type: 'PersonChanged', data: { personId, ...changes } }] : [];
        }
        case 'deactivate':
          return state.status === 'active' ? [{ type: 'PersonDeactivated', data: { personId } }] : [];
        case 'reactivate':
          return state.status === 'inactive' ? [{ type: 'PersonReactivated', data: { personId } }] : [];
      }
    },
  },
});
