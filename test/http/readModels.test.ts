import { asks } from '../commands/support/school.ts';
import { eventually } from '../support/eventually.ts';
import { startSchoolServer, type SchoolServer } from './support/schoolServer.ts';

describe('a read model that cannot project an event', () => {
  let s: SchoolServer;
  beforeAll(async () => {
    s = await startSchoolServer();
    await s.database.pool.query(`alter table ${await s.readModels.schema('directory')}.groups add constraint poison check (name not like 'poison%')`);
  });
  afterAll(() => s.stop());

  const directory = async () => {
    const { items } = (await (await s.client('aud', 'auditor')).get('/read-models')).body as { items: { name: string; state: string; pausedAt: { eventId: string; stream: string } | null }[] };
    return items.find(({ name }) => name === 'directory')!;
  };
  const paused = (stream: string) => eventually(async () => {
    const one = await directory();
    return one.state === 'paused' && one.pausedAt?.stream === stream ? one : undefined;
  });
  const group = (id: string, name: string) => s.school.directory.createGroup({ groupId: id, name }, asks('admin'));

  it('is listed with that event, goes past it for an admin with a reason, and both are recorded', async () => {
    const admin = await s.client('chief', 'admin');
    await group('g1', 'poison 1');
    const { pausedAt } = await paused('group-g1');
    expect(await admin.post('/read-models/directory/skip', {})).toMatchObject({ status: 400 });
    expect(await admin.post('/read-models/directory/skip', { reason: 'not a group of ours' })).toMatchObject({ status: 200, body: { skipped: [{ eventId: pausedAt!.eventId }] } });
    await eventually(async () => (await directory()).state === 'live');
    await group('g2', 'Fine');
    expect(await s.readModels.waitFor('directory', await s.school.log.head(), 10_000)).toBe(true);
    expect([await s.queries.directory.group('g1'), await s.queries.directory.group('g2')]).toMatchObject([undefined, { name: 'Fine' }]);
    const [record] = await s.school.log.readStream('projection-directory');
    expect(record).toMatchObject({ event: { type: 'ProjectionEventSkipped', data: { eventId: pausedAt!.eventId, reason: 'not a group of ours' }, metadata: { actor: { id: 'chief', role: 'admin' } } } });
  });

  it('tries the event again once the cause is repaired', async () => {
    const admin = await s.client('chief', 'admin');
    await group('g3', 'poison 3');
    await paused('group-g3');
    await s.database.pool.query(`alter table ${await s.readModels.schema('directory')}.groups drop constraint poison`);
    expect(await admin.post('/read-models/directory/resume')).toMatchObject({ status: 202, body: { name: 'directory' } });
    await eventually(async () => (await s.queries.directory.group('g3'))?.name === 'poison 3');
    await eventually(async () => (await directory()).state === 'live');
  });

  it('refuses what is not paused or not there, and everybody but admins', async () => {
    const admin = await s.client('chief', 'admin');
    for (const [act, body] of [['skip', { reason: 'x' }], ['resume', undefined]] as const) {
      expect(await admin.post(`/read-models/lessons/${act}`, body)).toMatchObject({ status: 409, body: { code: 'readModelNotPaused' } });
      expect(await admin.post(`/read-models/nothing/${act}`, body)).toMatchObject({ status: 404, body: { code: 'unknownReadModel' } });
      expect(await (await s.client('mia', 'manager')).post(`/read-models/lessons/${act}`, body)).toMatchObject({ status: 403 });
    }
  });
});
