import { MeetingsError, type Meetings } from '../ports/meetings.ts';
import { withCore } from './core.ts';
import type { WithImports } from './importCommand.ts';
import { createSchool } from './server/school.ts';

/** A command plans; the server that runs beside it, or is started later, makes the meetings. */
const away = () => Promise.reject(new MeetingsError('unavailable', 'the command line does not call Zoom'));
const noMeetings: Meetings = { create: away, find: away, list: away, delete: away, end: away, live: away, startUrl: away };

/** Read models follow the log while the command runs, also when no server does. */
export const withImports: WithImports = (work) =>
  withCore(async (core) => {
    const school = createSchool(core, noMeetings, 'all');
    await school.engine.start();
    try {
      return await work(school.commands.imports);
    } finally {
      await school.engine.stop();
    }
  });
