import { aggregate } from '../kernel/decider.ts';
import { decideLesson, type LessonCommand } from './decide.ts';
import { lessonEvents } from './events.ts';
import { evolveLesson } from './evolve.ts';
import { noLesson, type LessonState } from './state.ts';

export { checkStart, type LessonCommand } from './decide.ts';
export type { LessonEvent } from './evolve.ts';
export { exists, type Imported, type Lesson, type LessonState, type LessonStatus, type When } from './state.ts';

/** Stream `lesson-<lessonId>`. */
export const lesson = aggregate<LessonState, LessonCommand, typeof lessonEvents>({
  category: 'lesson',
  events: lessonEvents,
  decider: { initial: noLesson, evolve: evolveLesson, decide: decideLesson },
});
