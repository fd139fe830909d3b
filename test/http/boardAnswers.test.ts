import { emptyDoc } from '../../src/domain/board/index.ts';
import { classroomBoardRoutes } from '../../src/http/routes/classroomBoard.ts';
import type { ClassroomKit } from '../../src/http/routes/classroomDeps.ts';
import { startTestServer } from './support/testServer.ts';

test('a large board may take longer than anything else: who exports it is not told that it took too long', async () => {
  const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const kit = {
    access: { readable: () => Promise.resolve({}), mustExport: () => Promise.resolve() },
    boards: {
      boardAt: async () => { asked.resolve(); await held.promise; return { version: 3, doc: emptyDoc }; },
      opsFrom: async () => { await held.promise; return []; },
    },
  } as unknown as ClassroomKit;
  const server = await startTestServer(classroomBoardRoutes(kit), { answerWithinMs: 200 });
  try {
    const exported = server.client.get('/api/v1/classroom/sessions/r/export');
    await asked.promise;
    expect(await server.client.get('/api/v1/classroom/sessions/r/ops')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    held.resolve();
    expect(await exported).toMatchObject({ status: 200, body: { format: 'lectern.board', version: 3 } });
  } finally {
    held.resolve();
    await server.stop();
  }
});
