import { z } from 'zod';
import { jobSettingsProblems } from './adapters/jobs/jobSettings.ts';
import { jobNames } from './adapters/jobs/schoolJobs.ts';

/**
 * Every setting, from environment variables. All problems are reported at once, each with the variable's name and what it
 * should be. An unknown LECTERN_* variable is a problem too: it is a typing mistake that would silently do nothing.
 */
export const roles = ['api', 'projector', 'reactor', 'scheduler'] as const;
export type ProcessRole = (typeof roles)[number];

const minutes = (fallback: number, max: number) => z.coerce.number({ error: 'a whole number of minutes' }).int().min(0).max(max).default(fallback);
const list = z.string().transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== ''));
const secret = (least: number) => z.string().min(least, `at least ${least} characters`);
const key32 = z.string().refine((text) => Buffer.from(text, 'base64').length === 32, '32 random bytes in base64');
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), `a URL that begins with ${protocols.join(' or ')}//`);
const jobSettings = z.string().default('').superRefine((text, { addIssue }) => {
  for (const message of jobSettingsProblems(text, jobNames)) addIssue({ code: 'custom', message });
});
const timeZone = z.string().refine((name) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}, 'an IANA time zone, e.g. Europe/Kyiv');

/** One row a variable: its schema, whether it is a secret, and what it is for (`lectern config print` shows it). */
const settings = {
  LECTERN_HOST: { schema: z.string().min(1).default('127.0.0.1'), about: 'address to listen on' },
  LECTERN_PORT: { schema: z.coerce.number({ error: 'a port, 0 to 65535' }).int().min(0).max(65535).default(3000), about: 'port to listen on; 0 takes a free one' },
  LECTERN_PUBLIC_URL: { schema: url('http:', 'https:').optional(), about: 'how people reach this server, when that is not host and port' },
  LECTERN_DATA_DIR: { schema: z.string().min(1).default('data'), about: 'folder of the embedded Postgres, the generated keys and the sandboxes' },
  LECTERN_ROLES: {
    schema: list.pipe(z.array(z.enum(roles, { error: `some of ${roles.join(',')}` })).min(1)).default([...roles]),
    about: 'what this process does, comma-separated',
  },
  LECTERN_LOG_LEVEL: { schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'), about: 'least severe log line that is written' },
  LECTERN_CORS_ORIGINS: { schema: list.default([]), about: 'origins of web front ends that may call the API, comma-separated' },
  LECTERN_TRUSTED_PROXIES: { schema: z.coerce.number().int().min(0).max(10).default(0), about: 'proxies in front whose X-Forwarded-For is believed' },
  LECTERN_RATE_LIMIT_PER_MINUTE: { schema: z.coerce.number().int().min(0).default(6_000), about: 'requests a minute for one person; 0 = no limit' },
  DATABASE_URL: { schema: url('postgres:', 'postgresql:').optional(), secret: true, about: 'your own PostgreSQL; without it the embedded one is started' },
  EVENTSTORE_URL: { schema: url('esdb:', 'esdb+discover:').optional(), secret: true, about: 'EventStoreDB as event log; without it the log is in Postgres' },
  KAFKA_BROKERS: { schema: z.never({ error: 'unset: this release has no Kafka relay yet' }).optional(), about: 'events out (a later release)' },
  SCHOOL_TIME_ZONE: { schema: timeZone.default('UTC'), about: 'decides "today", "that day" and the job schedules' },
  LECTERN_MASTER_KEY: { schema: key32.optional(), secret: true, about: 'encrypts credentials and person keys; embedded mode makes one in the data folder' },
  LECTERN_PREVIOUS_MASTER_KEYS: { schema: list.pipe(z.array(key32)).default([]), secret: true, about: 'older master keys, still able to decrypt, comma-separated' },
  LECTERN_JWT_SECRET: { schema: secret(32).optional(), secret: true, about: 'HS256 secret of the tokens; embedded mode makes one in the data folder' },
  LECTERN_JWT_JWKS_URL: { schema: url('https:', 'http:').optional(), about: 'accept RS256 and ES256 tokens of these keys instead' },
  LECTERN_JWT_ISSUER: { schema: z.string().min(1).default('lectern'), about: '`iss` that a token must have' },
  LECTERN_JWT_AUDIENCE: { schema: z.string().min(1).default('lectern'), about: '`aud` that a token must have' },
  CLASSROOM_JWT_SECRET: { schema: secret(32).optional(), secret: true, about: 'HS256 secret of the tokens for lesson rooms; without it one is derived from the master key' },
  LECTERN_NODE_URL: { schema: url('http:', 'https:').optional(), about: 'how the other nodes of this school reach this one; without it 127.0.0.1 and the port' },
  LECTERN_NODE_SECRET: { schema: secret(32).optional(), secret: true, about: 'what nodes know each other by; without it one is derived from the master key' },
  LECTERN_GAP_MINUTES: { schema: minutes(5, 240), about: 'between two reservations of one place of a Zoom account' },
  LECTERN_START_EARLY_MINUTES: { schema: minutes(15, 240), about: 'how long before its start a lesson may be started' },
  LECTERN_RELEASE_GRACE_MINUTES: { schema: minutes(10, 240), about: 'after its end until a lesson\'s Zoom account is released' },
  ZOOM_ACCOUNT_ID: { schema: z.string().min(1).optional(), about: 'real Zoom: account id of the default credentials' },
  ZOOM_CLIENT_ID: { schema: z.string().min(1).optional(), about: 'real Zoom: client id' },
  ZOOM_CLIENT_SECRET: { schema: z.string().min(1).optional(), secret: true, about: 'real Zoom: client secret' },
  LECTERN_ICE_SERVERS: { schema: list.pipe(z.array(z.string().regex(/^(stuns?|turns?):[^\s/]+$/, 'stun:, turn: or turns: URLs, comma-separated, as browsers take them'))).default([]), about: 'STUN and TURN for calls in rooms; with Cloudflare TURN: what is given while that does not answer' },
  LECTERN_TURN_USERNAME: { schema: z.string().min(1).optional(), about: 'user of the turn: URLs, when it is the same for everybody' },
  LECTERN_TURN_PASSWORD: { schema: z.string().min(1).optional(), secret: true, about: 'password of that user' },
  COTURN_SECRET: { schema: z.string().min(1).optional(), secret: true, about: 'coturn\'s static-auth-secret: then each person gets credentials of their own for the turn: URLs' },
  CLOUDFLARE_TURN_KEY_ID: { schema: z.string().min(1).optional(), about: 'Cloudflare TURN: id of the key' },
  CLOUDFLARE_TURN_API_TOKEN: { schema: z.string().min(1).optional(), secret: true, about: 'Cloudflare TURN: API token of the key' },
  LECTERN_TURN_SECONDS: { schema: z.coerce.number({ error: 'a whole number of seconds, 60 to 600' }).int().min(60).max(600).default(600), about: 'how long TURN credentials of one person live' },
  LECTERN_JOBS: { schema: jobSettings, about: 'schedules other than the default: job=pattern;job=off, patterns as cron has them; the jobs: lectern jobs' },
  LECTERN_SANDBOX: { schema: z.stringbool({ error: 'true or false' }).default(false), about: 'with your own PostgreSQL and no real Zoom: true lets the sandbox stand in' },
  ZOOM_WEBHOOK_SECRET_TOKEN: { schema: z.string().min(1).optional(), secret: true, about: 'verifies webhooks of the default Zoom app' },
} satisfies Record<string, { schema: z.ZodType; about: string; secret?: true }>;

type Settings = typeof settings;
export type Config = { readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']> };

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((p) => `  ${p}`).join('\n')}`);
    this.problems = problems;
  }
}

/** @throws ConfigError that lists every problem; values of secrets are not in it */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, { schema }] of Object.entries(settings)) {
    const text = environment[name];
    const parsed = schema.safeParse(text === '' ? undefined : text);
    if (parsed.success) config[name] = parsed.data;
    else problems.push(`${name} should be ${[...new Set(parsed.error.issues.map((issue) => issue.message))].join('; ')}`);
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('LECTERN_') && !Object.hasOwn(settings, name)) problems.push(`${name} is not a setting of Lectern${suggestion(name)}`);
  }
  const zoom = ['ZOOM_ACCOUNT_ID', 'ZOOM_CLIENT_ID', 'ZOOM_CLIENT_SECRET'] as const;
  const missing = zoom.filter((name) => config[name] === undefined);
  if (missing.length > 0 && missing.length < zoom.length) problems.push(`${missing.join(' and ')} should be set too: real Zoom needs all of ${zoom.join(', ')}`);
  if (config['DATABASE_URL'] !== undefined) {
    if (missing.length === zoom.length && config['LECTERN_SANDBOX'] !== true) {
      problems.push(`${zoom.join(', ')} should be set when DATABASE_URL is, or LECTERN_SANDBOX=true: a school must not find out by itself that its Zoom is a stand-in`);
    }
    if (config['LECTERN_MASTER_KEY'] === undefined) problems.push('LECTERN_MASTER_KEY should be set when DATABASE_URL is: 32 random bytes in base64');
    if (config['LECTERN_JWT_SECRET'] === undefined && config['LECTERN_JWT_JWKS_URL'] === undefined) {
      problems.push('LECTERN_JWT_SECRET or LECTERN_JWT_JWKS_URL should be set when DATABASE_URL is');
    }
  }
  problems.push(...turnProblems(config));
  if (config['CLASSROOM_JWT_SECRET'] !== undefined && config['CLASSROOM_JWT_SECRET'] === config['LECTERN_JWT_SECRET']) {
    problems.push('CLASSROOM_JWT_SECRET should be another than LECTERN_JWT_SECRET: a token for one room must not pass for one of the school');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config as Config;
}

/** One way to a relay, whole. */
function turnProblems(config: Readonly<Record<string, unknown>>): string[] {
  const has = (name: string) => config[name] !== undefined;
  const pairs = [['CLOUDFLARE_TURN_KEY_ID', 'CLOUDFLARE_TURN_API_TOKEN'], ['LECTERN_TURN_USERNAME', 'LECTERN_TURN_PASSWORD']] as const;
  const problems = pairs.flatMap(([one, other]) => (has(one) === has(other) ? [] : [`${has(one) ? other : one} should be set too: it goes with ${has(one) ? one : other}`]));
  const ways = ['COTURN_SECRET', 'CLOUDFLARE_TURN_KEY_ID', 'LECTERN_TURN_USERNAME'].filter(has);
  if (ways.length > 1) problems.push(`${ways.join(' and ')} should not be set together: there is one way to TURN`);
  const urls = (config['LECTERN_ICE_SERVERS'] ?? []) as readonly string[];
  const hasTurn = urls.some((url) => url.startsWith('turn'));
  const needsUrl = ways.find((name) => name !== 'CLOUDFLARE_TURN_KEY_ID');
  if (needsUrl !== undefined && !hasTurn) problems.push(`LECTERN_ICE_SERVERS should have a turn: or turns: URL when ${needsUrl} is set`);
  if (hasTurn && needsUrl === undefined) problems.push('LECTERN_ICE_SERVERS should have turn: URLs only with COTURN_SECRET, or with LECTERN_TURN_USERNAME and LECTERN_TURN_PASSWORD: browsers refuse them without credentials');
  return problems;
}

/** What `lectern config print` shows: every setting with its value, secrets redacted. */
export const printableConfig = (config: Config): { name: string; value: string; about: string }[] =>
  Object.entries(settings).map(([name, setting]) => {
    const value: unknown = config[name as keyof Settings];
    const isSet = value !== undefined && !(Array.isArray(value) && value.length === 0);
    const shown = !isSet ? '' : 'secret' in setting ? '[redacted]' : Array.isArray(value) ? value.join(',') : String(value);
    return { name, value: shown, about: setting.about };
  });

export const settingNames = (): string[] => Object.keys(settings);

function suggestion(name: string): string {
  const known = Object.keys(settings).filter((candidate) => candidate.startsWith('LECTERN_'));
  const near = known.find((candidate) => candidate.replaceAll('_', '') === name.replaceAll('_', '') || candidate.startsWith(name) || name.startsWith(candidate));
  return near ? ` (did you mean ${near}?)` : '';
}
