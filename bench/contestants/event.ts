import { randomUUID } from 'node:crypto';
import type { EventToAppend } from '../../src/ports/eventStore.ts';

/** About 200 bytes of data and as much metadata: the size of a lesson's event. */
export function benchEvent(): EventToAppend {
  return {
    id: randomUUID(),
    type: 'LessonScheduled',
    schemaVersion: 1,
    data: { title: 'English B2, second hour', teacherId: 'teacher-0017', groupId: 'group-0042', localStart: '2026-11-23T18:00', zone: 'Europe/Berlin', startsAt: '2026-11-23T17:00:00.000Z', minutes: 60, provider: 'zoom' },
    metadata: { commandId: '8f14e45f-ceea-467f-a0e5-1f7c6a1f0c11', correlationId: '8f14e45f-ceea-467f-a0e5-1f7c6a1f0c11', causationId: '8f14e45f-ceea-467f-a0e5-1f7c6a1f0c11', actor: { id: 'manager-1', role: 'manager' }, occurredAt: '2026-11-20T22:34:00.000Z' },
  };
}
