import type { Route } from '../route.ts';
import { classroomRoutes, type ClassroomDeps } from './classroom.ts';
import { credentialsRoutes, type CredentialsDeps } from './credentials.ts';
import { directoryRoutes } from './directory.ts';
import { jobRoutes, type JobRouteDeps } from './jobs.ts';
import { lessonImportRoutes } from './lessonImport.ts';
import type { LessonRouteDeps } from './lessonRouteDeps.ts';
import { lessonRoutes } from './lessons.ts';
import { meRoutes, type MeRouteDeps } from './me.ts';
import { operationsRoutes, type OperationsRouteDeps } from './operations.ts';
import type { DirectoryRouteDeps } from './people.ts';
import { readModelRoutes, type ReadModelRouteDeps } from './readModels.ts';
import { roomTicketRoutes, type RoomTicketDeps } from './roomTickets.ts';
import { systemRoutes, type SystemRouteDeps } from './system.ts';
import { timelineRoutes, type TimelineRouteDeps } from './timeline.ts';
import { zoomAccountRoutes, type ZoomAccountRouteDeps } from './zoomAccounts.ts';
import { zoomWebhookRoutes, type ZoomWebhookDeps } from './zoomWebhooks.ts';

export type SchoolRouteDeps = {
  directory: DirectoryRouteDeps;
  lessons: LessonRouteDeps;
  lessonImports: Parameters<typeof lessonImportRoutes>[0];
  zoomAccounts: ZoomAccountRouteDeps;
  me: MeRouteDeps;
  timeline: TimelineRouteDeps;
  operations: OperationsRouteDeps;
  jobs: JobRouteDeps;
  readModels: ReadModelRouteDeps;
  credentials: CredentialsDeps;
  zoomWebhooks: ZoomWebhookDeps;
  classroom: ClassroomDeps;
  roomTickets: RoomTicketDeps;
  system: SystemRouteDeps;
};

/** Every route of the school. Health and docs are added by createHttpApp. */
export const schoolRoutes = (deps: SchoolRouteDeps): Route[] => [
  ...directoryRoutes(deps.directory),
  ...lessonRoutes(deps.lessons),
  ...lessonImportRoutes(deps.lessonImports),
  ...timelineRoutes(deps.timeline),
  ...meRoutes(deps.me),
  ...zoomAccountRoutes(deps.zoomAccounts),
  ...operationsRoutes(deps.operations),
  ...jobRoutes(deps.jobs),
  ...readModelRoutes(deps.readModels),
  ...credentialsRoutes(deps.credentials),
  ...zoomWebhookRoutes(deps.zoomWebhooks),
  ...classroomRoutes(deps.classroom),
  ...roomTicketRoutes(deps.roomTickets),
  ...systemRoutes(deps.system),
];
