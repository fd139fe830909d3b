import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id, instant } from '../kernel/fields.ts';

/** What running the school leaves behind: streams `job-<name>`, `projection-<name>`, `credentials-<ref>`, `drift-<vendor>`. */
export const operationsEvents = {
  JobRunFailed: eventType(z.object({ job: id, runId: id, scheduledFor: instant, error: z.string() })),
  ProjectionEventSkipped: eventType(z.object({ projection: id, position: z.string(), eventId: id, reason: z.string() })),
  /** Names of the fields that were set; never a value. */
  CredentialsStored: eventType(z.object({ ref: id, fields: z.array(z.string()) })),
  DriftDetected: eventType(z.object({ vendor: id, findingId: id, kind: z.enum(['missingAtVendor', 'unknownAtVendor', 'differs']), subject: z.string(), detail: z.string() })),
  DriftRepaired: eventType(z.object({ vendor: id, findingId: id, action: z.string() })),
};
