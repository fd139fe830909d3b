import fc from 'fast-check';
import { DomainError } from '../../../src/domain/kernel/domainError.ts';
import { isEnded, isSeated, type Room, room as aggregate, type RoomCommand, type RoomState } from '../../../src/domain/room/index.ts';
import { admin, asks, at, newRoom, system } from './support.ts';

/** Any history that a room can have, from commands at random: what is refused does not happen. */
const people = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'];
const person = fc.constantFrom(...people);
const role = fc.constantFrom('host', 'student', 'viewer') as fc.Arbitrary<'host' | 'student' | 'viewer'>;
const by = fc.oneof(person.map(asks), fc.constant(admin), fc.constant(system));
const of = (type: string, more: Record<string, fc.Arbitrary<unknown>> = {}) => fc.record({ type: fc.constant(type), by, ...more });

const anyCommand = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('join'), personId: person, kind: fc.constantFrom('none', 'lesson', 'school', 'code') })
    .map(({ personId, kind }) => ({ type: 'join', by: asks(personId), personId, entitlement: kind === 'code' ? { kind, accessHash: 'h' } : { kind } })) },
  { weight: 6, arbitrary: fc.record({ type: fc.constantFrom('connect', 'drop', 'releaseSeat'), personId: person }).map((c) => ({ ...c, by: system })) },
  { weight: 2, arbitrary: of('leave', { personId: person }) },
  { weight: 3, arbitrary: of('kick', { personId: person, reason: fc.constant('') }) },
  { weight: 3, arbitrary: of('invite', { personIds: fc.array(person, { minLength: 1, maxLength: 2 }), role }) },
  of('admit', { personId: person }), of('start'), of('pause'), of('resume'), of('hostAbsent'), of('hostReturned'),
  of('changeRole', { personId: person, role }), of('transferHost', { hostId: person }), of('setHost', { hostId: person }),
  of('updateSettings', { maxParticipants: fc.integer({ min: 0, max: 6 }), settings: fc.record({ waitingRoom: fc.boolean() }) }),
  of('updatePermissions', { of: fc.oneof(fc.record({ personId: person }), fc.record({ role })), changes: fc.record({ kick: fc.boolean(), toggleVideo: fc.boolean() }) }),
  of('updateMedia', { personId: person, video: fc.boolean() }),
  { weight: 1, arbitrary: fc.oneof(of('complete'), of('terminate', { reason: fc.constant('') }), of('expire', { reason: fc.constant('') })) },
);

type Step = { before: RoomState; command: RoomCommand; events: readonly { type: string; data: object }[]; after: Room };

function play(commands: readonly unknown[], check: (step: Step) => void): void {
  const { decide, evolve } = aggregate.decider;
  let state = decide({ type: 'create', by: admin, at: at(-60), roomType: 'lesson', room: { ...newRoom, accessHash: 'h', maxParticipants: 3 } }, aggregate.decider.initial).reduce(evolve, aggregate.decider.initial);
  for (const [i, one] of commands.entries()) {
    const command = { ...(one as object), at: at(0, i * 20) } as unknown as RoomCommand;
    let events;
    try {
      events = decide(command, state);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      continue;
    }
    const after = events.reduce(evolve, state) as Room;
    check({ before: state, command, events, after });
    state = after;
  }
}

const histories = fc.array(anyCommand, { minLength: 1, maxLength: 60 });
const holds = (check: (step: Step) => void) => fc.assert(fc.property(histories, (commands) => play(commands, check)), { numRuns: 150 });

describe('whatever is commanded', () => {
  it('never seats more than the room has seats, and counts them right', () => {
    holds(({ after }) => {
      expect(after.seats).toBe(Object.values(after.people).filter(isSeated).length);
      expect(after.seats).toBeLessThanOrEqual(after.maxParticipants);
    });
  });

  it('leaves exactly one primary host, who has the role and was not thrown out', () => {
    holds(({ after }) => {
      const host = after.people[after.hostId];
      expect(host).toMatchObject({ role: 'host' });
      expect(host?.status).not.toBe('kicked');
    });
  });

  it('never gives a kicked person anything but an invitation', () => {
    holds(({ before, events, after }) => {
      for (const [personId, one] of Object.entries(before.status === 'none' ? {} : before.people)) {
        if (one.status !== 'kicked') continue;
        const now = after.people[personId];
        if (now && now.status === 'kicked') continue;
        expect(events.some(({ type, data }) => (type === 'PersonInvited' || type === 'RoomHostChanged') && JSON.stringify(data).includes(`"${personId}"`))).toBe(true);
        expect(now).toMatchObject({ status: 'invited' });
      }
    });
  });

  it('changes nothing about an ended room', () => {
    holds(({ before, events }) => {
      if (isEnded(before)) expect(events).toEqual([]);
    });
  });

  it('never leaves anybody without the right sending pictures', () => {
    holds(({ after }) => {
      for (const one of Object.values(after.people)) {
        if (!one.media.video) continue;
        expect({ ...after.roles[one.role], ...after.exceptions[one.role], ...one.exceptions }.toggleVideo).toBe(true);
        expect(isSeated(one)).toBe(true);
      }
    });
  });

  it('answers the same command again with nothing, where it changes a state', () => {
    const once = new Set(['join', 'connect', 'drop', 'releaseSeat', 'leave', 'kick', 'start', 'pause', 'resume', 'hostAbsent', 'transferHost', 'setHost', 'updateSettings', 'updatePermissions', 'updateMedia']);
    holds(({ command, after }) => {
      if (!once.has(command.type) || (command.by.authority === 'room' && command.type === 'transferHost')) return;
      expect(aggregate.decider.decide(command, after)).toEqual([]);
    });
  });
});
