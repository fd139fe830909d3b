export type MeetingPlanned = { accountId: string; title: string; startsAt: string; zone: string; durationMinutes: number; autoRecord: boolean };

/**
 *   none ──claim──▶ claimed ──created──▶ created
 *                     │  ▲                  │         each claim is a new generation; a generation that may exist at the
 *                  failed ┘ (retried)       │         vendor is deleted before the next one is claimed
 *                     └──────▶ deleted ◀────┘
 */
export type MeetingState = {
  status: 'none' | 'claimed' | 'created' | 'failed' | 'deleted';
  /** 0: never claimed. */
  generation: number;
  /** What the current generation was claimed for; null before the first. */
  plan: MeetingPlanned | null;
  claimedAt: string | null;
  /** '' while unknown. */
  meetingId: string;
  uuid: string;
  joinUrl: string;
  passcode: string;
  failure: { code: string; message: string; parked: boolean } | null;
  /** Every meeting there ever was: webhooks of old ones still come. */
  known: readonly { meetingId: string; generation: number }[];
  /** Instance (uuid) of the current generation that runs now, as far as webhooks told; '' when none does. */
  runningUuid: string;
  /** Instances that ended, whichever generation. */
  endedUuids: readonly string[];
};

export const noMeeting: MeetingState = {
  status: 'none', generation: 0, plan: null, claimedAt: null, meetingId: '', uuid: '', joinUrl: '', passcode: '', failure: null, known: [], runningUuid: '', endedUuids: [],
};

export const generationOf = (state: MeetingState, meetingId: string): number | undefined => state.known.find((one) => one.meetingId === meetingId)?.generation;
