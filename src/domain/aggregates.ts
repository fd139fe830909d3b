import { classroomRoles } from './classroomRoles/index.ts';
import { credentials } from './credentials/index.ts';
import { drift } from './drift/index.ts';
import { group } from './group/index.ts';
import { lesson } from './lesson/index.ts';
import { lessonImport } from './lessonImport/index.ts';
import { person } from './person/index.ts';
import { room } from './room/index.ts';
import { teacherAgenda } from './teacherAgenda/index.ts';
import { zoomAccount } from './zoomAccount/index.ts';
import { zoomMeeting } from './zoomMeeting/index.ts';
import { zoomPool } from './zoomPool/index.ts';

/** Every aggregate whose streams are decided on; the category before the first `-` of a stream finds it. */
export const aggregates = [person, group, zoomPool, zoomAccount, teacherAgenda, lesson, zoomMeeting, lessonImport, credentials, drift, room, classroomRoles] as const;
