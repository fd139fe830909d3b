import type { Faults } from './faults.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { RateLimits } from './limits.ts';
import type { School } from './school.ts';
import type { Tokens } from './tokens.ts';
import { ZoomError, type Answer, type ZoomApp } from './types.ts';
import type { Webhooks } from './webhooks.ts';

export type ControlParts = {
  school: School; lifecycle: Lifecycle; limits: RateLimits; faults: Faults; tokens: Tokens; webhooks: Webhooks;
  apps: ZoomApp[];
  now(): Date;
  /** Milliseconds from real time to the sandbox's. */
  setOffset(ms: number): void;
  /** API calls since the start, by method and shape of path. */
  calls: ReadonlyMap<string, number>;
};

/**
 * What the vendor does not have: the sandbox's own handles, for tests, the demo and curious people.
 *  POST /_faults {kind, …} · GET /_faults · DELETE /_faults[/{id}] · POST /_clock {now | offsetMs} · GET /_state · POST /_tokens/expire
 *  POST /_apps {…} · POST /_users {email, type?, accountId?} · POST /_webhooks/validate · POST /_meetings/{id}/start|end|join|leave {userName?, email?}
 */
export function createControl(parts: ControlParts) {
  const { school, lifecycle, faults, tokens, webhooks, apps } = parts;

  function meeting(id: string, action: string, body: Record<string, unknown>): Answer {
    const of = school.meeting(decodeURIComponent(id));
    const email = typeof body['email'] === 'string' ? body['email'] : 'guest@example.com';
    const userName = typeof body['userName'] === 'string' ? body['userName'] : 'A guest';
    switch (action) {
      case 'start':
        lifecycle.start(of);
        break;
      case 'end':
        lifecycle.end(of);
        break;
      case 'join':
        return { status: 200, body: lifecycle.join(of, { userName, email }) };
      case 'leave': {
        const participant = of.running?.participants.find((p) => p.email === email);
        if (participant) lifecycle.leave(of, participant);
        break;
      }
      default:
        throw new ZoomError(404, 2300, 'start, end, join or leave.');
    }
    return { status: 200, body: of };
  }

  function clock(body: Record<string, unknown>): Answer {
    const offset = typeof body['now'] === 'string' ? Date.parse(body['now']) - Date.now() : body['offsetMs'];
    if (typeof offset !== 'number' || !Number.isFinite(offset)) throw new ZoomError(400, 300, 'now is an RFC 3339 time, offsetMs a number.');
    parts.setOffset(offset);
    return { status: 200, body: { now: parts.now().toISOString() } };
  }

  function addApp(body: Record<string, unknown>): Answer {
    const { accountId, clientId, clientSecret, webhookSecret, webhookUrl } = body;
    if (typeof accountId !== 'string' || typeof clientId !== 'string' || typeof clientSecret !== 'string') {
      throw new ZoomError(400, 300, 'An app has accountId, clientId and clientSecret.');
    }
    const app: ZoomApp = { accountId, clientId, clientSecret, webhookSecret: typeof webhookSecret === 'string' ? webhookSecret : '' };
    if (typeof webhookUrl === 'string') app.webhookUrl = webhookUrl;
    const known = apps.findIndex((other) => other.clientId === clientId);
    if (known < 0) apps.push(app);
    else apps[known] = app;
    return { status: 201, body: { accountId, clientId } };
  }

  const state = () => ({
    now: parts.now().toISOString(),
    users: school.users().map((user) => ({ ...user, hostDayUsed: parts.limits.used(user.id) })),
    meetings: school.meetings(),
    faults: faults.list(),
    tokensGranted: tokens.granted(),
    calls: Object.fromEntries(parts.calls),
    deliveries: webhooks.deliveries(),
  });

  return async (method: string, path: string[], input: unknown): Promise<Answer> => {
    const body = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
    switch (`${method} ${path[0]}`) {
      case 'POST _faults':
        try {
          return { status: 201, body: faults.add(body) };
        } catch (error) {
          throw new ZoomError(400, 300, error instanceof Error ? error.message : 'Invalid fault.');
        }
      case 'GET _faults':
        return { status: 200, body: { faults: faults.list() } };
      case 'DELETE _faults':
        faults.remove(path[1]);
        return { status: 204 };
      case 'POST _clock':
        return clock(body);
      case 'GET _state':
        return { status: 200, body: state() };
      case 'POST _tokens':
        tokens.expireAll();
        return { status: 204 };
      case 'POST _apps':
        return addApp(body);
      case 'POST _users': {
        const accountId = typeof body['accountId'] === 'string' ? body['accountId'] : (apps[0]?.accountId ?? '');
        if (typeof body['email'] !== 'string') throw new ZoomError(400, 300, 'email is missing.');
        return { status: 201, body: school.putUser({ email: body['email'], accountId, type: body['type'] === 1 ? 1 : 2 }) };
      }
      case 'POST _webhooks':
        return { status: 200, body: { valid: (await Promise.all(apps.map((app) => webhooks.validate(app)))).every(Boolean) } };
      case 'POST _meetings':
        return meeting(path[1] ?? '', path[2] ?? '', body);
      default:
        throw new ZoomError(404, 2300, 'The sandbox has no such handle.');
    }
  };
}
