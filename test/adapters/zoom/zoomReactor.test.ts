import { zoomReactor } from '../../../src/adapters/zoom/zoomReactor.ts';
import { schoolEvents } from '../../../src/domain/schoolEvents.ts';
import type { Recorded } from '../../../src/eventLog/recorded.ts';

const event = (type: string): Recorded =>
  ({ type, data: { lessonId: 'l1' }, id: 'e1', schemaVersion: 1, stream: 'lesson-l1', revision: 0, position: '1', metadata: { commandId: 'c', correlationId: 'k', causationId: 'c', actor: { id: 'a', role: 'admin' }, occurredAt: '' } }) as unknown as Recorded;

it('only what people decide about a lesson asks for a look at its meeting, and the meeting\'s own events never do', () => {
  const asking = Object.keys(schoolEvents).filter((type) => zoomReactor.jobs(event(type)).length > 0);
  expect(asking.sort()).toEqual(['LessonCancelled', 'LessonDetailsChanged', 'LessonFinished', 'LessonMovedToAccount', 'LessonRescheduled', 'LessonScheduled', 'LessonStarted']);
  expect([...zoomReactor.types ?? []].sort()).toEqual(asking); // what is missing here is never shown to it
  expect(zoomReactor.jobs(event('LessonCancelled'))).toEqual([{ task: 'syncMeeting', key: 'l1', payload: { lessonId: 'l1', cause: { id: 'e1', correlationId: 'k' } } }]);
});
