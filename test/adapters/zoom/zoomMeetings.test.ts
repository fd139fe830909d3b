import { MeetingsError } from '../../../src/ports/meetings.ts';
import { ZoomApiError, ZoomAuthError, ZoomRateLimitError } from '../../../src/adapters/zoom/errors.ts';
import { haveVendorSpecs } from '../../support/vendorSpecs.ts';
import { createZoomHarness, host, plan } from './zoomHarness.ts';

type Harness = Awaited<ReturnType<typeof createZoomHarness>>;
let zoom: Harness;
beforeAll(async () => {
  zoom = await createZoomHarness();
});
afterEach(async () => {
  await zoom.control.noFaults();
});
afterAll(async () => {
  await zoom.close();
});

const failure = async (work: Promise<unknown>): Promise<ZoomApiError> => {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof ZoomApiError)) throw new Error(`expected a ZoomApiError, got ${String(error)}`);
  return error;
};

describe('a meeting on Zoom', () => {
  it('is created with what the lesson says, found by its ref alone, listed, and deleted', async () => {
    const made = await zoom.meetings.create(host, plan('lesson-a.1'));
    await zoom.meetings.create(host, plan('lesson-a.10'));
    expect(made).toEqual({ id: expect.stringMatching(/^\d{11}$/), uuid: expect.any(String), joinUrl: expect.stringContaining('/j/'), passcode: expect.stringMatching(/^.{1,10}$/) });
    expect(await zoom.meetings.find(host, 'lesson-a.1')).toEqual([made]);
    expect((await zoom.meetings.list(host)).filter(({ ref }) => ref === 'lesson-a.1')).toMatchObject([{ id: made.id }]);
    const stored = (await zoom.control.state()).meetings.find(({ id }) => String(id) === made.id);
    expect(stored).toMatchObject({ topic: 'Grade 5, fractions', duration: 45, timezone: 'Europe/Kyiv', autoRecording: 'cloud', type: 2 });
    expect(await zoom.meetings.delete(host, made.id)).toBe('deleted');
    expect(await zoom.meetings.delete(host, made.id)).toBe('alreadyGone');
    expect(await zoom.meetings.find(host, 'lesson-a.1')).toEqual([]);
  });

  it('is found on the second page of a host\'s list too', async () => {
    const many = await createZoomHarness({ sandbox: { limits: { light: 1e6, medium: 1e6, hostDay: 1e6 } } });
    try {
      await many.meetings.create(host, plan('first.1'));
      for (let n = 0; n < 10; n += 1) await Promise.all(Array.from({ length: 30 }, (_, m) => many.meetings.create(host, plan(`bulk-${n}-${m}.1`))));
      const last = await many.meetings.create(host, plan('last.1', { startsAt: new Date(Date.now() + 9 * 86_400_000).toISOString() }));
      expect(await many.meetings.find(host, 'last.1')).toEqual([last]);
      expect((await many.control.state()).calls['GET /v2/users/*/meetings']).toBe(2);
      expect(await many.meetings.list(host)).toHaveLength(302);
    } finally {
      await many.close();
    }
  });

  it('gives a start link that opens it, is listed as live, and can be ended twice', async () => {
    const { id } = await zoom.meetings.create(host, plan('lesson-live.1'));
    const url = await zoom.meetings.startUrl(host, id);
    expect((await fetch(url)).status).toBe(200);
    expect(await zoom.meetings.live(host)).toEqual([id]);
    await zoom.meetings.end(host, id);
    await zoom.meetings.end(host, id);
    expect(await zoom.meetings.live(host)).toEqual([]);
  });

  it('is ended and deleted when it is deleted while it runs', async () => {
    const { id } = await zoom.meetings.create(host, plan('lesson-running.1'));
    await zoom.control.start(id);
    expect(await zoom.meetings.delete(host, id)).toBe('deleted');
  });

  it('of an unknown host is refused for good, without naming the host', async () => {
    const error = await failure(zoom.meetings.create({ credentialsRef: 'default', user: 'nobody' }, plan('x.1')));
    expect(error).toMatchObject({ code: 'notFound', status: 404, zoomCode: 1001 });
    const refused = await failure(zoom.meetings.create(host, plan('x.1', { durationMinutes: 2000 })));
    expect(refused).toMatchObject({ code: 'rejected', status: 400, zoomCode: 300 });
    expect(refused.message).toContain('duration');
    expect(refused.message).not.toContain(host.user);
  });

  it('is named by a UUID that is encoded twice when it begins with / or holds //', async () => {
    const seen = new Set<boolean>();
    for (let n = 0; n < 200 && seen.size < 2; n += 1) {
      const { id, uuid } = await zoom.meetings.create({ ...host, user: `uuid${n}@school.example` }, plan(`uuid-${n}.1`));
      const isOdd = uuid.startsWith('/') || uuid.includes('//');
      if (seen.has(isOdd)) continue;
      seen.add(isOdd);
      await zoom.control.start(id);
      await zoom.control.end(id);
      const past = await zoom.client.call('default', { method: 'GET', route: '/past_meetings/{meetingId}', params: { meetingId: uuid }, category: 'light', repeatable: true });
      expect(past).toMatchObject({ uuid });
    }
    expect(seen.size).toBe(2);
  });
});

describe('when Zoom fails', () => {
  it.each([['seconds'], ['httpDate'], ['iso8601'], ['none']])('a 429 with Retry-After as %s is waited for and tried again, creates too', async (retryAfter) => {
    await zoom.control.fault({ kind: 'rateLimited', retryAfter, seconds: 1, count: 1, method: 'POST', path: 'meetings$' });
    const { id } = await zoom.meetings.create(host, plan(`limited-${retryAfter}.1`));
    expect(await zoom.meetings.find(host, `limited-${retryAfter}.1`)).toMatchObject([{ id }]);
  });

  it('a wait that is longer than a call may take is left to the caller', async () => {
    await zoom.control.fault({ kind: 'rateLimited', seconds: 600, count: 1 });
    const error = await failure(zoom.meetings.live(host));
    expect(error).toBeInstanceOf(ZoomRateLimitError);
    expect(error).toMatchObject({ code: 'rateLimited', retryAfterMs: 600_000 });
  });

  it('the 101st create of a host and day is a daily limit, told by its sentence alone', async () => {
    const eager = { ...host, user: 'eager@school.example' };
    for (let n = 0; n < 100; n += 1) await zoom.meetings.create(eager, plan(`eager-${n}.1`));
    const error = await failure(zoom.meetings.create(eager, plan('eager-100.1')));
    expect(error).toBeInstanceOf(ZoomRateLimitError);
    expect(error).toMatchObject({ code: 'dailyLimit', status: 429 });
    expect((await zoom.control.state()).users.find(({ email }) => email === eager.user)).toMatchObject({ hostDayUsed: 100 });
  });

  it('the account\'s daily limit is told by its header', async () => {
    await zoom.control.fault({ kind: 'rateLimited', limit: 'day', retryAfter: 'iso8601', count: 1 });
    expect(await failure(zoom.meetings.live(host))).toMatchObject({ code: 'dailyLimit' });
  });

  it.each([['status', 500], ['status', 503], ['dropBefore', 0], ['dropAfter', 0], ['timeoutAfter', 0]])('a read is tried four times in all: %s %d', async (kind, status) => {
    await zoom.control.fault({ kind, ...(status === 0 ? {} : { status }), count: 3, method: 'GET' });
    await expect(zoom.meetings.live(host)).resolves.toBeDefined();
    await zoom.control.fault({ kind, ...(status === 0 ? {} : { status }), count: 4, method: 'GET' });
    expect(await failure(zoom.meetings.live(host))).toMatchObject({ code: 'unavailable' });
  });

  it.each([['statusAfter', true], ['timeoutAfter', true], ['dropAfter', true], ['timeoutBefore', false], ['dropBefore', false], ['status', false]])(
    'a create of unknown fate is not repeated: %s',
    async (kind, happened) => {
      const ref = `unsure-${kind}.1`;
      await zoom.control.fault({ kind, method: 'POST', path: 'meetings$', count: 1 });
      expect(await failure(zoom.meetings.create(host, plan(ref)))).toMatchObject({ code: 'unknownOutcome' });
      expect(await zoom.meetings.find(host, ref)).toHaveLength(happened ? 1 : 0);
    },
  );

  it.each([['timeoutAfter'], ['statusAfter'], ['dropAfter']])('a delete whose answer was lost is repeated and finds it gone: %s', async (kind) => {
    const { id } = await zoom.meetings.create(host, plan(`gone-${kind}.1`));
    await zoom.control.fault({ kind, method: 'DELETE', count: 1 });
    expect(await zoom.meetings.delete(host, id)).toBe('alreadyGone');
  });

  it('one byte a second is cut off at the deadline', async () => {
    await zoom.control.fault({ kind: 'slowBytes', everyMs: 1_000, count: 4, method: 'GET' });
    expect(await failure(zoom.meetings.live(host))).toMatchObject({ code: 'unavailable' });
  });

  it('credentials that do not exist, or that Zoom refuses, are an auth error', async () => {
    expect(await failure(zoom.meetings.live({ ...host, credentialsRef: 'nobody' }))).toBeInstanceOf(ZoomAuthError);
    await zoom.secrets.put('wrong', { accountId: 'sandbox-account', clientId: 'sandbox-client-2', clientSecret: 'no' });
    const error = await failure(zoom.meetings.live({ ...host, credentialsRef: 'wrong' }));
    expect(error).toBeInstanceOf(ZoomAuthError);
    expect(error).toBeInstanceOf(MeetingsError);
    expect(error.code).toBe('unauthorized');
  });
});

describe('on the wire', () => {
  it('every request and answer of these tests fits the vendor\'s own description', () => {
    if (!haveVendorSpecs) return console.info('not checked: the vendors\' descriptions are not beside the project');
    const sentOnPurpose = 'request POST /users/{userId}/meetings: /duration must be <= 1440';
    expect(zoom.problems.filter((problem) => problem !== sentOnPurpose)).toEqual([]);
    expect(zoom.problems).toContain(sentOnPurpose); // the check sees what does not fit
  });

  it('no token, secret, start link, passcode or address is in a log line', async () => {
    const text = zoom.lines.join('\n');
    expect(text.length).toBeGreaterThan(1_000);
    expect(text).toContain('requestId');
    for (const { password } of (await zoom.control.state()).meetings) expect(text).not.toContain(password);
    expect(text).not.toMatch(/sandbox-token|sandbox-zak|sandbox-secret|@school\.example/);
  });
});
