import { ConfigError, printableConfig, readConfig, settingNames } from '../src/config.ts';

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  it('needs nothing to run embedded', () => {
    expect(readConfig({})).toMatchObject({ LECTERN_HOST: '127.0.0.1', LECTERN_PORT: 3000, LECTERN_GAP_MINUTES: 5 });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ ZOOM_ACCOUNT_ID: '', LECTERN_PORT: '' })).toMatchObject({ LECTERN_PORT: 3000 });
  });

  it('reports every problem at once, each with the name and what it should be', () => {
    const problems = problemsOf({ LECTERN_PORT: 'many', SCHOOL_TIME_ZONE: 'Mars/Olympus', LECTERN_ROLES: 'api,king', LECTERN_PROT: '1', EVENTSTORE_URL: 'http://x' });
    expect(problems).toHaveLength(5);
    for (const part of ['LECTERN_PORT should be', 'SCHOOL_TIME_ZONE should be an IANA', 'LECTERN_ROLES should be some of', 'LECTERN_PROT is not a setting', 'esdb:']) {
      expect(problems.some((problem) => problem.includes(part))).toBe(true);
    }
  });

  it('wants all of Zoom\'s credentials or none, and its own secrets once the database is not its own', () => {
    expect(problemsOf({ ZOOM_CLIENT_ID: 'x' })).toEqual([expect.stringContaining('ZOOM_ACCOUNT_ID and ZOOM_CLIENT_SECRET')]);
    expect(problemsOf({ DATABASE_URL: 'postgres://localhost/x', LECTERN_SANDBOX: 'true' }).map((p) => p.split(' ')[0])).toEqual(['LECTERN_MASTER_KEY', 'LECTERN_JWT_SECRET']);
  });

  it('wants one way to TURN, whole, and URLs that browsers take', () => {
    const names = (environment: Record<string, string>) => problemsOf(environment).map((problem) => problem.split(' ')[0]);
    expect(names({ CLOUDFLARE_TURN_KEY_ID: 'k' })).toEqual(['CLOUDFLARE_TURN_API_TOKEN']);
    expect(names({ LECTERN_ICE_SERVERS: 'turn:t.example', LECTERN_TURN_PASSWORD: 'p' })).toEqual(['LECTERN_TURN_USERNAME', 'LECTERN_ICE_SERVERS']);
    expect(names({ LECTERN_ICE_SERVERS: 'https://t.example' })).toEqual(['LECTERN_ICE_SERVERS']);
    expect(names({ LECTERN_ICE_SERVERS: 'turn:t.example' })).toEqual(['LECTERN_ICE_SERVERS']);
    expect(names({ COTURN_SECRET: 's', LECTERN_ICE_SERVERS: 'stun:t.example' })).toEqual(['LECTERN_ICE_SERVERS']);
    expect(names({ COTURN_SECRET: 's', LECTERN_ICE_SERVERS: 'turn:t.example', CLOUDFLARE_TURN_KEY_ID: 'k', CLOUDFLARE_TURN_API_TOKEN: 't' })).toEqual(['COTURN_SECRET']);
    expect(names({ LECTERN_TURN_SECONDS: '3600' })).toEqual(['LECTERN_TURN_SECONDS']);
    const shown = printableConfig(readConfig({ COTURN_SECRET: 'north', LECTERN_ICE_SERVERS: 'turn:t.example' }));
    expect(shown.find(({ name }) => name === 'COTURN_SECRET')?.value).toBe('[redacted]');
  });

  it('takes schedules of jobs, shows them, and says which one is wrong', () => {
    const LECTERN_JOBS = 'releaseFinishedZoomAccounts=*/2 * * * *;tidyUp=off';
    expect(printableConfig(readConfig({ LECTERN_JOBS })).find(({ name }) => name === 'LECTERN_JOBS')?.value).toBe(LECTERN_JOBS);
    expect(problemsOf({ LECTERN_JOBS: 'tidyUp=never' })).toEqual(['LECTERN_JOBS should be tidyUp: "never" is no cron pattern']);
    expect(problemsOf({ LECTERN_JOBS: 'tidyup=off;tidyUp=off;expireStaleRoom=0 * * * *' })).toEqual([
      expect.stringMatching(/^LECTERN_JOBS should be for jobs that exist, not tidyup, expireStaleRoom: there are .*\btidyUp\b.*\bautosaveActiveBoards\b.*\bexpireStaleRooms\b/),
    ]);
  });

  it('wants another secret for the tokens of rooms than for those of the school', () => {
    const secret = 'x'.repeat(40);
    expect(problemsOf({ LECTERN_JWT_SECRET: secret, CLASSROOM_JWT_SECRET: secret })).toEqual([expect.stringContaining('CLASSROOM_JWT_SECRET should be another')]);
    expect(problemsOf({ LECTERN_JWT_SECRET: secret, CLASSROOM_JWT_SECRET: 'y'.repeat(40) })).toEqual([]);
  });

  it('lets a sandbox stand in beside a real database only when told so', () => {
    const real = { DATABASE_URL: 'postgres://localhost/x', LECTERN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'), LECTERN_JWT_SECRET: 'x'.repeat(40) };
    expect(problemsOf(real)).toEqual([expect.stringContaining('LECTERN_SANDBOX=true')]);
    expect(problemsOf({ ...real, LECTERN_SANDBOX: 'true' })).toEqual([]);
    expect(problemsOf({ ...real, ZOOM_ACCOUNT_ID: 'a', ZOOM_CLIENT_ID: 'b', ZOOM_CLIENT_SECRET: 'c' })).toEqual([]);
  });

  it('says no to Kafka instead of ignoring it', () => {
    expect(problemsOf({ KAFKA_BROKERS: 'localhost:9092' })).toEqual([expect.stringContaining('KAFKA_BROKERS')]);
  });

  it('never prints or reports a secret', () => {
    const canary = 'canary-canary-canary-canary-canary';
    const environment = { LECTERN_SANDBOX: 'true', LECTERN_JWT_SECRET: canary, ZOOM_WEBHOOK_SECRET_TOKEN: canary, DATABASE_URL: `postgres://u:${canary}@h/db`, LECTERN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };
    const printed = JSON.stringify(printableConfig(readConfig(environment)));
    expect(printed).not.toContain(canary);
    expect(printed).not.toContain(environment.LECTERN_MASTER_KEY);
    expect(printableConfig(readConfig(environment)).map(({ name }) => name)).toEqual(settingNames());
    expect(problemsOf({ LECTERN_MASTER_KEY: canary }).join()).not.toContain(canary);
  });
});
