import { createHmac } from 'node:crypto';
import { createHandleZoomWebhookTask, createWebhookUpkeep } from '../../../src/adapters/zoom/webhooks/handleZoomWebhook.ts';
import { createWebhookInbox } from '../../../src/adapters/zoom/webhooks/inbox.ts';
import { createReceiveZoomWebhook } from '../../../src/adapters/zoom/webhooks/receiveZoomWebhook.ts';
import type { JobRequest } from '../../../src/adapters/reactors/reactor.ts';
import { lesson } from '../../../src/domain/lesson/index.ts';
import { createSchoolHarness } from './schoolHarness.ts';

type School = Awaited<ReturnType<typeof createSchoolHarness>>;
let school: School;
let jobs: JobRequest[];
let receive: ReturnType<typeof createReceiveZoomWebhook>;
let task: ReturnType<typeof createHandleZoomWebhookTask>;
const secret = 'sandbox-webhook-secret';

beforeEach(async () => {
  school = await createSchoolHarness();
  await school.account('a1');
  jobs = [];
  const inbox = createWebhookInbox(school.zoom.database.pool, school.zoom.master);
  receive = createReceiveZoomWebhook({ credentials: school.zoom.credentials, inbox, enqueue: async (requests) => void jobs.push(...requests), log: { warn: () => undefined } });
  task = createHandleZoomWebhookTask({
    inbox,
    lessonOfMeeting: async (meetingId) => {
      for (const id of ['l1', 'l2', 'l3']) if ((await school.meeting(id)).known.some((one) => one.meetingId === meetingId)) return id;
      return undefined;
    },
    meetingStarted: (input, ctx) => school.commands.started(input, ctx),
    meetingEnded: (input, ctx) => school.commands.ended(input, ctx),
  });
});
afterEach(async () => {
  await school.close();
});

const sign = (raw: string, { key = secret, at = Date.now() } = {}) => {
  const timestamp = String(Math.floor(at / 1000));
  return { timestamp, signature: `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${raw}`).digest('hex')}` };
};
const deliver = (body: object | string, options: { key?: string; at?: number; ref?: string } = {}) => {
  const raw = typeof body === 'string' ? body : JSON.stringify(body);
  return receive({ ref: options.ref, raw: Buffer.from(raw), ...sign(raw, options) });
};
const run = (job: JobRequest, isLastAttempt = false) => task.run(task.parse(job.payload), { attempt: 1, isLastAttempt, signal: new AbortController().signal });
const started = (meetingId: string, uuid: string, at: number) => ({
  event: 'meeting.started', event_ts: at, payload: { account_id: 'sandbox-account', object: { id: meetingId, uuid, host_id: 'h', topic: 'canary-topic', type: 2, start_time: new Date(at).toISOString(), duration: 45 } },
});
const ended = (meetingId: string, uuid: string, at: number) => ({ ...started(meetingId, uuid, at), event: 'meeting.ended', payload: { object: { id: meetingId, uuid, end_time: new Date(at).toISOString() } } });

describe('a webhook', () => {
  const body = started('123', 'u1', 1_000);

  it('is stored once however often it comes, and one job is asked for', async () => {
    expect(await deliver(body)).toEqual({ outcome: 'stored' });
    for (let n = 0; n < 9; n += 1) expect(await deliver(body)).toEqual({ outcome: 'repeated' });
    expect(jobs).toHaveLength(1);
  });

  it.each([
    ['another secret', { key: 'guess' }],
    ['the empty secret', { key: '' }],
    ['a timestamp six minutes old', { at: Date.now() - 360_000 }],
    ['a timestamp six minutes ahead', { at: Date.now() + 360_000 }],
    ['credentials that do not exist', { ref: 'nobody' }],
  ])('is refused when it is signed with %s, and leaves nothing behind', async (_, options) => {
    expect(await deliver(body, options)).toEqual({ outcome: 'forged' });
    expect((await school.zoom.database.pool.query('select 1 from lectern.webhook_inbox')).rowCount).toBe(0);
  });

  it('is refused when a byte of its body or signature was changed, or headers are missing', async () => {
    const raw = JSON.stringify(body);
    const good = sign(raw);
    expect(await receive({ ref: undefined, raw: Buffer.from(`${raw} `), ...good })).toEqual({ outcome: 'forged' });
    expect(await receive({ ref: undefined, raw: Buffer.from(raw), timestamp: good.timestamp, signature: `${good.signature.slice(0, -1)}x` })).toEqual({ outcome: 'forged' });
    expect(await receive({ ref: undefined, raw: Buffer.from(raw), timestamp: undefined, signature: good.signature })).toEqual({ outcome: 'forged' });
    expect(await receive({ ref: undefined, raw: Buffer.from(raw), timestamp: good.timestamp, signature: undefined })).toEqual({ outcome: 'forged' });
  });

  it('is checked with its own app\'s secret', async () => {
    await school.zoom.secrets.put('anna', { accountId: 'a', clientId: 'c', clientSecret: 's', webhookSecret: 'annas' });
    expect(await deliver(body, { ref: 'anna' })).toEqual({ outcome: 'forged' });
    expect(await deliver(body, { ref: 'anna', key: 'annas' })).toEqual({ outcome: 'stored' });
  });

  it('that is no JSON object with an event is unreadable, though well signed', async () => {
    for (const text of ['', 'null', '[]', '{}', '{"event":7}', '{"event":"x"', '\u0000']) expect(await deliver(text)).toEqual({ outcome: 'unreadable' });
  });

  it('is sealed in the table, and gone after 30 days', async () => {
    const { pool } = school.zoom.database;
    await deliver(body);
    const { rows } = await pool.query('select * from lectern.webhook_inbox');
    expect(JSON.stringify(rows)).not.toContain('canary-topic');
    const upkeep = createWebhookUpkeep(createWebhookInbox(pool, school.zoom.master), async (requests) => void jobs.push(...requests));
    expect(await upkeep()).toEqual({ webhooksAskedAgain: 0, webhooksPurged: 0 });
    await pool.query(`update lectern.webhook_inbox set received_at = now() - interval '10 minutes'`);
    expect(await upkeep()).toEqual({ webhooksAskedAgain: 1, webhooksPurged: 0 });
    await pool.query(`update lectern.webhook_inbox set received_at = now() - interval '31 days'`);
    expect(await upkeep()).toMatchObject({ webhooksPurged: 1 });
  });

  it('is answered with "come again" when our store is away', async () => {
    const away = createReceiveZoomWebhook({
      credentials: school.zoom.credentials, enqueue: async () => undefined, log: { warn: () => undefined }, storeWithinMs: 50,
      inbox: { ...createWebhookInbox(school.zoom.database.pool, school.zoom.master), store: () => new Promise<never>(() => undefined) },
    });
    const raw = JSON.stringify(body);
    expect(await away({ ref: undefined, raw: Buffer.from(raw), ...sign(raw) })).toEqual({ outcome: 'unavailable' });
  });
});

describe('Zoom\'s handshake', () => {
  const body = { event: 'endpoint.url_validation', event_ts: 1, payload: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw' } };

  it('is answered with the token and its HMAC', async () => {
    const encryptedToken = createHmac('sha256', secret).update('qgg8vlvZRS6UYooatFL8Aw').digest('hex');
    expect(await deliver(body)).toEqual({ outcome: 'handshake', answer: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw', encryptedToken } });
  });

  it('is not answered to somebody else: the endpoint would sign forgeries for them', async () => {
    expect(await deliver(body, { key: 'guess' })).toEqual({ outcome: 'forged' });
  });
});

describe('meeting.started and meeting.ended', () => {
  const orders = [['start', 'end'], ['end', 'start'], ['start', 'start', 'end', 'end'], ['end', 'start', 'end', 'start']];

  it.each(orders.map((order) => [order.join(', '), order] as const))('lead to the same final state in any order: %s', async (_, order) => {
    await school.schedule('l1', { inHours: 0.1 });
    await school.sync('l1');
    const { meetingId } = await school.meeting('l1');
    await school.moveClock(30 * 60_000);
    const now = school.clock.now().getTime();
    await deliver(started(meetingId, 'u1', now - 60_000));
    await deliver(ended(meetingId, 'u1', now));
    const [start, end] = jobs;
    for (const name of order) await run(name === 'start' ? start! : end!);
    const { state } = await school.pipeline.load(lesson, 'l1', { fresh: true });
    expect(state.status).toBe('finished');
    expect(await school.meeting('l1')).toMatchObject({ runningUuid: '', endedUuids: ['u1'] });
  });

  it('that come a day late lead to the state that they lead to in time, in either order', async () => {
    const final: unknown[] = [];
    for (const [id, order, late] of [['l1', ['start', 'end'], false], ['l2', ['start', 'end'], true], ['l3', ['end', 'start'], true]] as const) {
      await school.schedule(id, { inHours: 1 });
      await school.sync(id);
      const { meetingId, plan } = await school.meeting(id);
      const begins = Date.parse(plan!.startsAt);
      await school.moveClock(3600_000 + 20 * 60_000 + (late ? 86_400_000 : 0));
      jobs.length = 0;
      await deliver(started(meetingId, `u-${id}`, begins + 60_000));
      await deliver(ended(meetingId, `u-${id}`, begins + 15 * 60_000));
      for (const name of order) await run(jobs[name === 'start' ? 0 : 1]!);
      const { state } = await school.pipeline.load(lesson, id, { fresh: true });
      const meeting = await school.meeting(id);
      final.push([state.status, meeting.status, meeting.runningUuid, meeting.endedUuids.length]);
    }
    expect(final).toEqual(Array(3).fill(['finished', 'created', '', 1]));
  });

  it('of an older generation change nothing current', async () => {
    await school.schedule('l1', { inHours: 0.1 });
    await school.sync('l1');
    const old = await school.meeting('l1');
    await school.change('l1', { type: 'changeDetails', title: 'Decimals' });
    await school.sync('l1');
    await school.moveClock(30 * 60_000);
    await deliver(started(old.meetingId, 'u1', school.clock.now().getTime()));
    await deliver(ended(old.meetingId, 'u1', school.clock.now().getTime()));
    for (const job of jobs) await run(job);
    expect((await school.pipeline.load(lesson, 'l1', { fresh: true })).state.status).toBe('scheduled');
    expect(await school.meeting('l1')).toMatchObject({ status: 'created', generation: 2, runningUuid: '' });
  });

  it('of a meeting that no lesson has are tried again, then let go', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    await deliver(started('999', 'u9', Date.now()));
    await expect(run(jobs[0]!)).rejects.toThrow('yet');
    await run(jobs[0]!, true);
    const { rows } = await school.zoom.database.pool.query('select error, handled_at from lectern.webhook_inbox');
    expect(rows).toEqual([{ error: 'no lesson has this meeting', handled_at: expect.any(Date) }]);
  });

  it('other events are stored and let go', async () => {
    await deliver({ event: 'meeting.participant_joined', event_ts: 5, payload: { object: { id: '1', uuid: 'u', participant: { user_id: 'p', join_time: 'x' } } } });
    await deliver({ event: 'recording.completed', event_ts: 5, payload: { object: { id: 123, uuid: 'u', recording_files: 'odd' } } });
    await deliver({ event: 'whatever', payload: 'text' });
    for (const job of jobs) await run(job);
    expect((await school.zoom.database.pool.query(`select 1 from lectern.webhook_inbox where error = 'not of use'`)).rowCount).toBe(3);
  });
});

