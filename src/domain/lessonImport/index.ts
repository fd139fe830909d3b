import type { z } from 'zod';
import { aggregate } from '../kernel/decider.ts';
import { DomainError } from '../kernel/domainError.ts';
import type { EventOf } from '../kernel/eventType.ts';
import { lessonImportEvents } from './events.ts';

type EventData = { [Event in EventOf<typeof lessonImportEvents> as Event['type']]: Event['data'] };
export type ImportCounts = z.infer<(typeof lessonImportEvents)['LessonImportFinished']['schema']>['counts'];

export type LessonImport =
  | { status: 'none' }
  | { status: 'started' | 'finished' | 'undone'; started: EventData['LessonImportStarted']; counts: ImportCounts | null };

export type LessonImportCommand =
  | ({ type: 'start' } & EventData['LessonImportStarted'])
  | { type: 'finish'; importId: string; counts: ImportCounts }
  | { type: 'undo'; importId: string; cancelled: number; kept: number };

/** Stream `lessonImport-<importId>`. Refuses with `importNotFound`, `importNotFinished`, `importUndone`. */
export const lessonImport = aggregate<LessonImport, LessonImportCommand, typeof lessonImportEvents>({
  category: 'lessonImport',
  events: lessonImportEvents,
  decider: {
    initial: { status: 'none' },
    evolve(state, event): LessonImport {
      if (event.type === 'LessonImportStarted') return { status: 'started', started: event.data, counts: null };
      if (state.status === 'none') return state;
      return event.type === 'LessonImportFinished' ? { ...state, status: 'finished', counts: event.data.counts } : { ...state, status: 'undone' };
    },
    decide(command, state): EventOf<typeof lessonImportEvents>[] {
      if (command.type === 'start') {
        const { type: _, ...data } = command;
        return state.status === 'none' ? [{ type: 'LessonImportStarted', data }] : [];
      }
      if (state.status === 'none') throw new DomainError('importNotFound', 'there is no such import', { importId: command.importId });
      if (command.type === 'finish') {
        if (state.status === 'undone') throw new DomainError('importUndone', 'this import was undone', { importId: command.importId });
        return state.status === 'started' ? [{ type: 'LessonImportFinished', data: { importId: command.importId, counts: command.counts } }] : [];
      }
      // An import that died halfway can be undone as well: what it scheduled is known by its id.
      const { importId, cancelled, kept } = command;
      return state.status === 'undone' ? [] : [{ type: 'LessonImportUndone', data: { importId, cancelled, kept } }];
    },
  },
});
