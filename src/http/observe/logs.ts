import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

const secretFields = new Set(['authorization', 'cookie', 'password', 'passcode', 'secret', 'clientSecret', 'client_secret', 'webhookSecret', 'token', 'roomToken', 'ticket', 'tickets', 'accessToken', 'access_token', 'startUrl', 'start_url', 'databaseUrl']);

/** Copies only where something has to go: pino's own redaction costs a tenth of a request. */
function redacted(facts: Record<string, unknown>, depth = 0): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key in facts) {
    const value = facts[key];
    let safe = value;
    if (secretFields.has(key) && value !== undefined) safe = '[redacted]';
    else if (typeof value === 'object' && value !== null && depth < 4 && !(value instanceof Error) && key !== 'err') safe = redacted(value as Record<string, unknown>, depth + 1);
    if (safe !== value) (copy ??= Array.isArray(facts) ? ([...facts] as unknown as Record<string, unknown>) : { ...facts })[key] = safe;
  }
  return copy ?? facts;
}

/** Credentials in URLs, bearer and basic tokens, JWTs, Zoom's start URLs: wherever they come up inside a text. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1[redacted]@')
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+/gi, '$1 [redacted]')
    .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[redacted]')
    .replace(/([?&](?:zak|tk|pwd|access_token|token|ticket)=)[^&\s"']+/gi, '$1[redacted]');

/**
 * JSON lines. Of an error only its name, code, message and stack are written: a driver's other fields may quote rows.
 * @param destination default: standard output, buffered
 */
export const createLog = (level: string, destination?: DestinationStream): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: (facts) => redacted(facts) },
      serializers: { err: describeError },
    },
    destination ?? pino.destination({ fd: 1, sync: false, minLength: 4_096, periodicFlush: 200 }),
  );

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: withoutSecrets(String(error)) };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    message: withoutSecrets(error.message),
    stack: withoutSecrets(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
