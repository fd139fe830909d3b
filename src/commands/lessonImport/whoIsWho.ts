import { DomainError } from '../../domain/kernel/domainError.ts';
import type { Occurrence } from './expansion.ts';
import type { ImportDirectory } from './types.ts';

export type WhoIsWho = {
  /** The one teacher of the school whom the entry names, else the default. @throws DomainError `teacherNotNamed`, `teacherNotKnown`, `severalTeachers` */
  teacherOf(occurrence: Occurrence): Promise<string>;
  /** The first of its groups that the school has. `unknown`: it names some, and the school has none of them. */
  groupOf(occurrence: Occurrence): Promise<{ groupId: string | null; unknown: boolean }>;
};

/** Every name is looked up once per import. */
export const createWhoIsWho = (directory: ImportDirectory, defaultTeacher: string | undefined): WhoIsWho => {
  const person = remembering((name: string) => directory.person(name));
  const group = remembering((name: string) => directory.group(name));
  const teacher = async (name: string): Promise<string | undefined> => {
    const found = await person(name);
    return found?.isTeacher ? found.id : undefined;
  };

  return {
    async teacherOf({ organizer, attendees }) {
      const organizing = organizer === null ? undefined : await teacher(organizer);
      if (organizing !== undefined) return organizing;
      const attending = new Set((await Promise.all(attendees.map(teacher))).filter((id) => id !== undefined));
      const [only] = attending;
      if (attending.size > 1) throw new DomainError('severalTeachers', 'several teachers attend and none of them is the organizer: who teaches?', { teachers: [...attending] });
      if (only !== undefined) return only;
      const fallback = defaultTeacher === undefined ? undefined : await teacher(defaultTeacher);
      if (fallback !== undefined) return fallback;
      if (defaultTeacher !== undefined) throw new DomainError('teacherNotKnown', 'the default teacher is no active teacher of the school');
      throw organizer === null && attendees.length === 0
        ? new DomainError('teacherNotNamed', 'it names nobody (ORGANIZER, ATTENDEE), and the import has no default teacher')
        : new DomainError('teacherNotKnown', 'nobody whom it names is an active teacher of the school');
    },

    async groupOf({ groups }) {
      for (const name of groups) {
        const found = await group(name);
        if (found) return { groupId: found.id, unknown: false };
      }
      return { groupId: null, unknown: groups.length > 0 };
    },
  };
};

const remembering = <Answer>(ask: (name: string) => Promise<Answer>): ((name: string) => Promise<Answer>) => {
  const asked = new Map<string, Promise<Answer>>();
  return (name) => {
    const before = asked.get(name);
    if (before) return before;
    const answer = ask(name);
    asked.set(name, answer);
    return answer;
  };
};
