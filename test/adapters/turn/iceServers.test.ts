import { createHmac } from 'node:crypto';
import { coturnIceServers } from '../../../src/adapters/turn/coturn.ts';
import { staticIceServers } from '../../../src/adapters/turn/staticIceServers.ts';
import { connectTurn } from '../../../src/cli/server/turn.ts';
import { readConfig } from '../../../src/config.ts';

const log = { info: () => undefined, warn: () => undefined };

describe('ICE servers that are the same for everybody', () => {
  it('are none at all without settings', async () => {
    expect(await staticIceServers([]).forPerson('room', 'a')).toEqual({ iceServers: [], expiresAt: null, revokeHandle: null });
  });

  it('give the account to TURN alone', async () => {
    const { iceServers } = await staticIceServers(['stun:s.example', 'turn:t.example?transport=udp', 'turns:t.example:443'], { username: 'u', credential: 'p' }).forPerson('room', 'a');
    expect(iceServers).toEqual([{ urls: ['stun:s.example'] }, { urls: ['turn:t.example?transport=udp', 'turns:t.example:443'], username: 'u', credential: 'p' }]);
  });

  it('cannot be changed by whoever got them', async () => {
    const servers = staticIceServers(['stun:s.example']);
    (await servers.forPerson('room', 'a')).iceServers[0]!.urls.push('stun:evil.example');
    expect((await servers.forPerson('room', 'a')).iceServers).toEqual([{ urls: ['stun:s.example'] }]);
  });
});

describe('credentials for coturn', () => {
  const at = new Date('2030-01-01T12:00:00.400Z');
  const servers = (seconds: number) => coturnIceServers({ urls: ['stun:t.example', 'turn:t.example'], secret: 'north', seconds, now: () => at });

  it('are what coturn computes itself: base64 HMAC-SHA1 of when they end and whose they are', async () => {
    const { iceServers, expiresAt, revokeHandle } = await servers(300).forPerson('room', 'anna');
    const username = `${at.getTime() / 1_000 - 0.4 + 300}:anna`;
    expect(iceServers).toEqual([{ urls: ['stun:t.example'] }, { urls: ['turn:t.example'], username, credential: createHmac('sha1', 'north').update(username).digest('base64') }]);
    expect(expiresAt).toEqual(new Date('2030-01-01T12:05:00Z'));
    expect(revokeHandle).toBeNull();
  });

  it('never live longer than ten minutes', async () => {
    expect((await servers(86_400).forPerson('room', 'anna')).expiresAt).toEqual(new Date('2030-01-01T12:10:00Z'));
  });
});

describe('the way to TURN', () => {
  const modeOf = async (environment: Record<string, string>) => {
    const turn = connectTurn(readConfig(environment), { log });
    await turn.close();
    return turn.mode;
  };

  it('is chosen by the settings', async () => {
    expect(await modeOf({})).toBe('none');
    expect(await modeOf({ LECTERN_ICE_SERVERS: 'stun:s.example' })).toBe('static');
    expect(await modeOf({ LECTERN_ICE_SERVERS: 'stun:s.example, turn:t.example', COTURN_SECRET: 'x' })).toBe('coturn');
    expect(await modeOf({ CLOUDFLARE_TURN_KEY_ID: 'k', CLOUDFLARE_TURN_API_TOKEN: 't' })).toBe('cloudflare');
  });
});
