/** The school's rules, as configured. */
export type SchoolRules = {
  /** IANA; decides what "that day" is. */
  timeZone: string;
  /** Between two reservations of one place. Default 5. */
  gapMinutes: number;
  /** How long before its start a lesson may be started. Default 15. */
  startWindowMinutes: number;
  /** After its end a lesson's lease is released. Default 10. */
  graceMinutes: number;
};

export const defaultRules = (timeZone: string): SchoolRules => ({ timeZone, gapMinutes: 5, startWindowMinutes: 15, graceMinutes: 10 });
