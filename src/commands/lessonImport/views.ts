import { DomainError } from '../../domain/kernel/domainError.ts';
import type { Position } from '../../ports/eventStore.ts';
import type { ImportDirectory, KnownLesson, KnownLessons } from './types.ts';

type Person = { id: string; role: string; active: boolean };

/** Who is who, from the queries of the read model `directory`. */
export const importDirectory = (directory: {
  person(id: string): Promise<Person | undefined>;
  personByEmail(email: string): Promise<Person | undefined>;
  group(id: string): Promise<{ id: string } | undefined>;
  groupByName(name: string): Promise<{ id: string } | undefined>;
}): ImportDirectory => ({
  async person(emailOrId) {
    const person = emailOrId.includes('@') ? await directory.personByEmail(emailOrId) : await directory.person(emailOrId);
    return person && { id: person.id, isTeacher: person.active && person.role === 'teacher' };
  },
  group: async (nameOrId) => (await directory.group(nameOrId)) ?? (await directory.groupByName(nameOrId)),
});

/** How long an import waits for the read models before it says that they are behind. */
const PATIENCE_MS = 10_000;

/** What earlier imports made, from the queries of the read model `lessons`. */
export const knownLessons = (
  log: { head(): Promise<Position> },
  readModels: { waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean> },
  lessons: { ofCalendar(calendar: string): Promise<KnownLesson[]>; ofImport(importId: string): Promise<KnownLesson[]> },
): KnownLessons => ({
  async upToDate() {
    const head = await log.head();
    const reached = await Promise.all(['lessons', 'directory'].map((name) => readModels.waitFor(name, head, PATIENCE_MS)));
    if (reached.includes(false)) throw new DomainError('readModelBehind', 'the views of lessons and people have not caught up with the log; try again');
  },
  ofCalendar: (calendar) => lessons.ofCalendar(calendar),
  ofImport: (importId) => lessons.ofImport(importId),
});
