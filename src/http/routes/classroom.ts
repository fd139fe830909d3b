import type { Route } from '../route.ts';
import { createRoomAccess } from './classroomAccess.ts';
import { classroomBoardRoutes } from './classroomBoard.ts';
import { classroomImageRoutes } from './classroomImages.ts';
import type { ClassroomDeps, ClassroomKit } from './classroomDeps.ts';
import { classroomPeopleRoutes } from './classroomPeople.ts';
import { classroomSessionRoutes } from './classroomSessions.ts';
import { classroomTimelineRoutes } from './classroomTimeline.ts';

export type { ClassroomDeps } from './classroomDeps.ts';

/** Lesson rooms over HTTP; tokens and tickets for their sockets are in roomTickets.ts. */
export function classroomRoutes(deps: ClassroomDeps): Route[] {
  const kit: ClassroomKit = {
    ...deps, access: createRoomAccess(deps),
    namesOf: async (personIds) => (personIds.length === 0 ? new Map() : (await deps.directory.names([...new Set(personIds)], [])).people),
  };
  return [...classroomSessionRoutes(kit), ...classroomPeopleRoutes(kit), ...classroomBoardRoutes(kit), ...classroomImageRoutes(kit), ...classroomTimelineRoutes(kit)];
}
