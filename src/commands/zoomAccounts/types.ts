import type { Answer } from '../answer.ts';

/** `zoomUser`: e-mail or Zoom user id. `capacity`: meetings at once, ≥ 1. `cloudRecording`: the licence has it (Basic has not). */
export type RegisterZoomAccount = { accountId?: string; zoomUser: string; capacity: number; credentialsRef: string; cloudRecording: boolean };

/** `move`: what no longer fits is spread over the other accounts first; without it that is refused with the list. */
export type ChangeZoomAccount = { accountId: string; capacity?: number; credentialsRef?: string; cloudRecording?: boolean; move?: boolean };
export type DisableZoomAccount = { accountId: string; reason: string; move?: boolean };
export type EnableZoomAccount = { accountId: string };

/** `holder`: a lesson's id, or a name for whatever else the account is used for. `until`: planned end, RFC 3339 UTC. */
export type AcquireZoomAccount = { accountId: string; holder: string; until: string };
/** Fenced: only this lease ends, and only once. */
export type ReleaseZoomAccount = { accountId: string; leaseId: string; reason?: string };

export type ZoomAccountSummary = { id: string; capacity: number; enabled: boolean; cloudRecording: boolean; credentialsRef: string; activeLeases: number };
export type ZoomAccountAnswer = Answer & { account: ZoomAccountSummary; movedLessons: readonly string[] };
export type LeaseAnswer = ZoomAccountAnswer & { leaseId: string };
