import { randomUUID } from 'node:crypto';
import type { EventToAppend } from '../../../../src/ports/eventStore.ts';

export function anEvent(data: unknown = {}, type = 'Noted'): EventToAppend {
  return { id: randomUUID(), type, schemaVersion: 1, data, metadata: { commandId: 'c', correlationId: 'c', causationId: 'c', actor: { id: 'tester', role: 'admin' }, occurredAt: '2026-11-20T22:34:00.000Z' } };
}

export function someEvents(count: number, type?: string): EventToAppend[] {
  return Array.from({ length: count }, (_, n) => anEvent({ n }, type));
}
