/** Meetings at a vendor (Zoom), as the core needs them. */
export type MeetingPlan = {
  /** `<lessonId>.<generation>`: travels with the meeting, and is how a meeting of unknown fate is found again. */
  ref: string;
  title: string;
  /** RFC 3339 UTC. */
  startsAt: string;
  /** IANA. */
  zone: string;
  durationMinutes: number;
  autoRecord: boolean;
};

export type Meeting = {
  /** The vendor's number, as a string. */
  id: string;
  uuid: string;
  joinUrl: string;
  passcode: string;
};

/** Which host at which vendor account: the credentials by reference, the host by e-mail or vendor user id. */
export type MeetingHost = { credentialsRef: string; user: string };

export type Meetings = {
  /** Creates without looking: call `find` first, always. Never repeated by the adapter itself. */
  create(host: MeetingHost, plan: MeetingPlan): Promise<Meeting>;
  /** Every meeting of the host whose ref is exactly this, in the vendor's order. */
  find(host: MeetingHost, ref: string): Promise<Meeting[]>;
  /** All of a host's upcoming meetings with their refs ('' = not ours). */
  list(host: MeetingHost): Promise<(Meeting & { ref: string; startsAt: string })[]>;
  /** Already gone counts as done. */
  delete(host: MeetingHost, meetingId: string): Promise<'deleted' | 'alreadyGone'>;
  /** Ends a running meeting; one that is not running counts as ended. */
  end(host: MeetingHost, meetingId: string): Promise<void>;
  /** Ids of the host's meetings that are running now. */
  live(host: MeetingHost): Promise<string[]>;
  /** A fresh start URL: a host login, valid for 2 h. Never stored, never logged. */
  startUrl(host: MeetingHost, meetingId: string): Promise<string>;
};

/**
 * `rateLimited`: wait `retryAfterMs` · `dailyLimit`: the host's day is closed until 00:00 UTC · `unauthorized`: credentials refused ·
 * `rejected`: the vendor refuses this request for good · `notFound` · `unavailable`: nothing happened, or only a read failed ·
 * `unknownOutcome`: it may have happened: look before repeating.
 */
export type MeetingsErrorCode = 'rateLimited' | 'dailyLimit' | 'unauthorized' | 'rejected' | 'notFound' | 'unavailable' | 'unknownOutcome';

export class MeetingsError extends Error {
  readonly code: MeetingsErrorCode;
  readonly retryAfterMs: number | undefined;
  constructor(code: MeetingsErrorCode, message: string, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(message, options);
    this.name = 'MeetingsError';
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
