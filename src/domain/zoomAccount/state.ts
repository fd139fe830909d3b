import { emptyCalendar, type Calendar } from '../calendar/index.ts';

export type ZoomAccount = {
  /** False: nothing was registered under this id, whatever else says so. */
  registered: boolean;
  accountId: string;
  /** E-mail or Zoom user id of the host. Personal: never in a log, an error or an answer. */
  zoomUser: string;
  /** Meetings at once. */
  capacity: number;
  credentialsRef: string;
  cloudRecording: boolean;
  enabled: boolean;
  calendar: Calendar;
};

export const noAccount: ZoomAccount = {
  registered: false, accountId: '', zoomUser: '', capacity: 0, credentialsRef: '', cloudRecording: false, enabled: false, calendar: emptyCalendar,
};
