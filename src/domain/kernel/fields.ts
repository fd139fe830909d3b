import { z } from 'zod';

/** Field types that events share. They are wide on purpose: an event that was written must stay readable; strictness belongs to commands. */
export const id = z.string().min(1).max(200);
/** RFC 3339, UTC, e.g. 2026-03-02T17:00:00.000Z. */
export const instant = z.string().min(20).max(30);
/** Wall time without a zone, to the minute: 2026-03-02T18:00. */
export const localTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/);
/** IANA, e.g. Europe/Kyiv. */
export const zone = z.string().min(1).max(100);
export const role = z.enum(['admin', 'manager', 'teacher', 'student', 'auditor']);
export type Role = z.infer<typeof role>;
