/** Postgres writes a timestamp in JSON in the session's zone; people get RFC 3339, UTC, milliseconds. */
export const utc = (timestamp: string): string => new Date(timestamp).toISOString();
export const utcOrNull = (timestamp: string | null): string | null => (timestamp === null ? null : utc(timestamp));
