import type { JobDefinition } from './jobDefinition.ts';

/** Every job there is, by the part of the server that has it, and when it runs unless LECTERN_JOBS says otherwise. The configuration knows their names before any of those parts is made. */
const schedules = {
  school: {
    releaseFinishedZoomAccounts: '* * * * *',
    mintUpcomingMeetings: '* * * * *',
    sweepOrphanReservations: '*/5 * * * *',
    reconcileVendors: '*/15 * * * *',
    coverLog: '*/5 * * * *',
    tidyUp: '*/10 * * * *',
  },
  rooms: {
    autosaveActiveBoards: '*/10 * * * * *',
    cleanupOldSnapshots: '30 3 * * *',
    disconnectInactiveParticipants: '* * * * *',
  },
  classroom: {
    expireStaleRooms: '7 * * * *',
  },
} as const;
type Schedules = typeof schedules;

export const jobNames: readonly string[] = Object.values(schedules).flatMap((part) => Object.keys(part));

/** @param works what each job of that part does: of all of them, and of no other */
export const jobsOf = <Part extends keyof Schedules>(part: Part, works: Readonly<Record<keyof Schedules[Part], Pick<JobDefinition, 'run' | 'isQuiet'>>>): JobDefinition[] =>
  Object.entries<string>(schedules[part]).map(([name, schedule]) => ({ name, schedule, ...works[name as keyof Schedules[Part]] }));
