import { DomainError } from '../../../src/domain/kernel/domainError.ts';
import { aGroup, startEdgeServer, type EdgeServer } from './support/edgeServer.ts';
import { eventually } from '../../support/eventually.ts';

describe('entering a room by socket', () => {
  let edge: EdgeServer;
  beforeEach(async () => { edge = await startEdgeServer({ limits: { helloWithinMs: 300, sweepMs: 50 } }); });
  afterEach(() => edge.stop());
  const tickets = (roomId = 'room-1', personId = 'student-1') => edge.tickets.issue({ roomId, personId, deviceId: 'd-1' }).then((issued) => issued.tickets);

  it('echoes the subprotocol, and says hello, welcome, then what was missed, then what comes', async () => {
    for (let version = 1; version <= 3; version++) edge.log.push(aGroup(version));
    edge.script.version = 3;
    const client = await edge.board('student-1', { lastVersion: 1 });
    expect(client.socket.protocol).toBe('lectern.room.v1');
    await client.next('ops');
    edge.commit(aGroup(4));
    await eventually(() => client.all('ops').length === 2);
    expect(client.frames.map(({ t }) => t)).toEqual(['welcome', 'ops', 'ops']);
    expect(client.all('ops').map(({ d }) => [d['from'], (d['groups'] as { version: number }[]).map(({ version }) => version)])).toEqual([[1, [2, 3]], [3, [4]]]);
    expect(edge.script.attached).toMatchObject([{ channel: 'board', personId: 'student-1', name: 'student-1 of the school', deviceId: 'd-1', hello: { clientId: 'c-1', lastVersion: 1, ackedSeq: 0 } }]);
  });

  it('opens each of the three sockets with its own ticket, once', async () => {
    const issued = await tickets();
    const system = edge.open('room-1', 'system', issued.system);
    expect((await system.next('status')).d['status']).toBe('active');
    expect((await edge.open('room-1', 'system', issued.system).closed).code).toBe(4401);
    const webrtc = edge.open('room-1', 'webrtc', issued.webrtc);
    await webrtc.opened;
    await eventually(() => edge.script.attached.length === 2);
  });

  it('keeps only a hash of a ticket', async () => {
    const issued = await tickets();
    const { rows } = await edge.database.pool.query('select t::text as text from lectern.room_tickets t');
    expect(rows).toHaveLength(3);
    for (const ticket of Object.values(issued)) expect(JSON.stringify(rows)).not.toContain(ticket);
  });

  it.each<[string, string | undefined]>([['no ticket', undefined], ['an unknown ticket', 'A'.repeat(32)], ['a ticket of no form', `' or true --`]])('closes with 4401 for %s', async (_what, ticket) => {
    expect(await edge.open('room-1', 'board', ticket).closed).toEqual({ code: 4401, reason: 'unauthenticated' });
  });

  it('closes with 4401 for a ticket that is older than 30 s', async () => {
    const issued = await tickets();
    await edge.database.pool.query(`update lectern.room_tickets set expires_at = expires_at - interval '31 seconds'`);
    expect((await edge.open('room-1', 'board', issued.board).closed).code).toBe(4401);
  });

  it('closes with 4403 for a ticket of another room or channel, and the ticket is spent', async () => {
    const issued = await tickets();
    expect((await edge.open('room-2', 'board', issued.board).closed).code).toBe(4403);
    expect((await edge.open('room-1', 'board', issued.board).closed).code).toBe(4401);
    expect((await edge.open('room-1', 'board', issued.system).closed).code).toBe(4403);
    expect((await edge.enter('system', 'gone').then((socket) => socket.closed)).code).toBe(4403); // deactivated meanwhile
  });

  it('closes with 4426 when no subprotocol of ours is offered, after it echoed what was', async () => {
    const issued = await tickets();
    const old = edge.open('room-1', 'board', issued.board, { protocols: ['lectern.room.v0', 'other'] });
    await old.opened;
    expect(old.socket.protocol).toBe('lectern.room.v0');
    expect((await old.closed).code).toBe(4426);
    expect((await edge.open('room-1', 'board', issued.board, { protocols: [] }).closed).code).toBe(4426);
  });

  it('closes with what the owner says: no such room, forbidden, ended, later', async () => {
    for (const code of [4404, 4403, 4410, 4100] as const) {
      edge.script.attach = () => Promise.resolve({ ok: false, code });
      expect((await edge.enter('system').then((socket) => socket.closed)).code).toBe(code);
    }
    edge.script.open = () => Promise.reject(new DomainError('roomUnavailable', 'nobody owns it'));
    expect((await edge.enter('system').then((socket) => socket.closed)).code).toBe(1013);
    edge.script.open = () => Promise.reject(new DomainError('roomNotFound', 'no such room'));
    expect((await edge.enter('system').then((socket) => socket.closed)).code).toBe(4404);
    const { board } = await tickets('room-1');
    expect((await edge.open('%2e%2e%2f', 'board', board).closed).code).toBe(4404);
  });

  it('tries the door anew after it did not open', async () => {
    edge.script.open = () => Promise.reject(new DomainError('roomUnavailable', 'nobody owns it'));
    expect((await edge.enter('system').then((socket) => socket.closed)).code).toBe(1013);
    edge.script.open = () => Promise.resolve();
    await (await edge.enter('system')).next('status');
  });

  it('refuses a strange Origin before there is a socket, and takes those on the list and programs', async () => {
    const { board, system } = await tickets();
    for (const origin of ['https://evil.example', 'null', 'https://school.example.evil.example', 'http://school.example']) {
      const refused = edge.open('room-1', 'board', board, { origin });
      await expect(refused.opened).rejects.toThrow('403');
    }
    const listed = edge.open('room-1', 'system', system, { origin: 'https://school.example' });
    await listed.next('status');
  });

  it('answers 404 where there is no socket', async () => {
    for (const path of ['room-1/other', 'room-1', 'room-1/board/x']) {
      const lost = edge.open(path.split('/')[0]!, path.slice(path.indexOf('/') + 1) as 'board', undefined);
      await expect(lost.opened).rejects.toThrow('404');
    }
  });

  it('closes with 4408 who does not say hello in time, and with 4400 who says something else first', async () => {
    const silent = await edge.enter('board');
    expect((await silent.closed).code).toBe(4408);
    const rude = await edge.enter('board');
    await rude.opened;
    rude.send({ t: 'pointer', d: { page: 'page-1', x: 1, y: 2 } });
    expect((await rude.closed).code).toBe(4400);
    expect(edge.script.attached).toEqual([]);
  });

  it('takes what is sent while the room still loads, in order, once it is there', async () => {
    let load: () => void = () => undefined;
    edge.script.open = () => new Promise((resolve) => { load = resolve; });
    const client = await edge.enter('board');
    await client.opened;
    client.send({ t: 'hello', d: { clientId: 'c-1', lastVersion: 0 } });
    for (let seq = 1; seq <= 5; seq++) client.send({ t: 'undo', d: { seq } });
    await eventually(async () => (await edge.database.pool.query('select from lectern.room_tickets')).rowCount === 2);
    expect(edge.script.received).toEqual([]);
    load();
    await eventually(() => edge.script.received.length === 5);
    expect(edge.script.received.map(({ message }) => (message.d as { seq: number }).seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('tells the owner when a socket goes, and closes the door behind the last', async () => {
    const [one, two] = [await edge.board('a'), await edge.board('b')];
    one.socket.terminate();
    await eventually(() => edge.script.detached.length === 1);
    expect(edge.script.closedDoors).toBe(0);
    two.socket.close();
    await eventually(() => edge.script.closedDoors === 1);
    await edge.board('c');
    expect(edge.script.edges).toHaveLength(2);
  });
});
