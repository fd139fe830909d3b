import { aggregate } from '../kernel/decider.ts';
import { DomainError } from '../kernel/domainError.ts';
import type { EventOf } from '../kernel/eventType.ts';
import { emptyList, find, insert, remove, type SortedList } from '../kernel/sortedList.ts';
import { groupEvents } from './events.ts';

type Member = { personId: string };
export type Group = { exists: boolean; name: string; members: SortedList<Member> };

export type GroupCommand = { groupId: string } & (
  | { type: 'create' | 'rename'; name: string }
  | { type: 'addMember' | 'removeMember'; personId: string }
);

const byId = (a: Member, b: Member) => (a.personId < b.personId ? -1 : a.personId > b.personId ? 1 : 0);

/** Stream `group-<groupId>`. Refuses with `groupNotFound`, `groupExists`. */
export const group = aggregate<Group, GroupCommand, typeof groupEvents>({
  category: 'group',
  events: groupEvents,
  decider: {
    initial: { exists: false, name: '', members: emptyList() },
    evolve(state, event): Group {
      switch (event.type) {
        case 'GroupCreated':
          return { ...state, exists: true, name: event.data.name };
        case 'GroupRenamed':
          return { ...state, name: event.data.name };
        case 'GroupMemberAdded':
          return { ...state, members: insert(state.members, { personId: event.data.personId }, byId) };
        case 'GroupMemberRemoved':
          return { ...state, members: remove(state.members, event.data, byId) };
      }
    },
    decide(command, state): EventOf<typeof groupEvents>[] {
      const { groupId } = command;
      if (command.type === 'create') {
        if (state.exists) throw new DomainError('groupExists', 'this group is there already', { groupId });
        return [{ type: 'GroupCreated', data: { groupId, name: command.name } }];
      }
      if (!state.exists) throw new DomainError('groupNotFound', 'there is no such group', { groupId });
      switch (command.type) {
        case 'rename':
          return command.name === state.name ? [] : [{ type: 'GroupRenamed', data: { groupId, name: command.name } }];
        case 'addMember':
          return find(state.members, command, byId) ? [] : [{ type: 'GroupMemberAdded', data: { groupId, personId: command.personId } }];
        case 'removeMember':
          return find(state.members, command, byId) ? [{ type: 'GroupMemberRemoved', data: { groupId, personId: command.personId } }] : [];
      }
    },
  },
});
