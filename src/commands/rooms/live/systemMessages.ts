import { randomUUID } from 'node:crypto';
import { DomainError } from '../../../domain/kernel/domainError.ts';
import { exists, isHere, mustMay, participantOf, type RoomCommand, type RoomState } from '../../../domain/room/index.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { CommandContext } from '../../pipeline/context.ts';
import type { SystemFromClient } from '../protocol/system.ts';
import { atTheDoor } from './announcing.ts';
import type { Connection, Connections } from './connections.ts';
import { errorFrame, frame } from './frames.ts';
import type { Views } from './views.ts';

/** What people say on the system channel: some of it is a command of the room, the rest lives only here. */
export function createSystemMessages({ clock, connections, views, room, command }: {
  clock: Clock; connections: Connections; views: Views;
  room(): RoomState;
  /** Runs behind the room's barrier. @throws the refusal */
  command(command: RoomCommand, context: CommandContext): Promise<unknown>;
}) {
  const answer = (to: Connection, text: string): void => connections.toOne(to.connectionId, text, 'control');
  const toAll = (text: string, but?: Connection): void =>
    connections.toAll({ channel: 'system', lane: 'control', frame: text, without: [...atTheDoor(connections, room()), ...(but ? [but.connectionId] : [])] });

  const refuse = (to: Connection, message: SystemFromClient, error: unknown): void => {
    const code = error instanceof DomainError ? error.code : 'unavailable';
    answer(to, errorFrame(code, !(error instanceof DomainError), { ref: message.id, ...(error instanceof DomainError && { detail: error.message.slice(0, 500) }) }));
  };

  const asCommand = (from: Connection, message: SystemFromClient, make: (commandId: string) => RoomCommand): void => {
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor: { id: from.personId, role: participantOf(room(), from.personId)?.role ?? 'viewer' } };
    command(make(commandId), context).catch((error: unknown) => refuse(from, message, error)).finally(() => views.sayingAs(commandId, undefined));
  };

  /** @throws DomainError */
  function handle(from: Connection, message: SystemFromClient): void {
    const state = room();
    const { personId } = from;
    const by = { personId, authority: 'room' } as const;
    if (message.t === 'ping') return answer(from, frame({ t: 'pong', d: { ...(message.d?.at !== undefined && { at: message.d.at }), serverTime: clock.now().toISOString() } }));
    if (!exists(state)) return;
    switch (message.t) {
      case 'raiseHand': {
        mustMay(state, by, 'raiseHand');
        views.raise(personId, message.d.raised);
        const one = participantOf(state, personId);
        if (one) toAll(views.participant(one));
        return;
      }
      case 'muteRequest': {
        mustMay(state, by, 'muteRequest');
        const text = frame({ t: 'muteRequest', d: { from: personId, kind: message.d.kind } });
        const { personId: to } = message.d;
        if (to === undefined) return toAll(text, from);
        if (!isHere(participantOf(state, to))) throw new DomainError('participantNotHere', 'this person is not in the room');
        return connections.toPerson(to, 'system', text);
      }
      case 'follow':
        mustMay(state, by, 'follow');
        return toAll(frame({ t: 'follow', d: { from: personId, view: message.d } }), from);
      case 'admit':
        return asCommand(from, message, () => ({ type: 'admit', personId: message.d.personId, by, at: clock.now().toISOString() }));
      case 'chat':
        return asCommand(from, message, (commandId) => {
          views.sayingAs(commandId, message.d.clientRef);
          return { type: 'say', personId, messageId: commandId, text: message.d.text, by, at: clock.now().toISOString() };
        });
    }
  }

  return {
    receive(from: Connection, message: SystemFromClient): void {
      try {
        handle(from, message);
      } catch (error) {
        refuse(from, message, error);
      }
    },
  };
}
