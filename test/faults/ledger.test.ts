import { randomUUID } from 'node:crypto';
import { runLectern, startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';

/**
 * Clients command a real server while it is killed (kill -9) at random moments and started again. Each client keeps a ledger of what
 * was acknowledged, and repeats what was not, with the same Idempotency-Key. At the end the log is read whole:
 * every acknowledged command is in it, once; no stream has a gap; no rule of the pool was ever broken; and the read models equal a fresh fold.
 *
 * `KILLS=200 npm run test:faults -- ledger` for the long run.
 */
const kills = Number(process.env['KILLS'] ?? 20);
const clients = 8;
const readyWithinMs = 10_000;

type Entry = { key: string; id: string; revision: number; what: string };
type Exported = { stream: string; revision: number; type: string; id: string; metadata: { commandId: string }; data: { name?: string } };

describe('acknowledged commands, under kill -9', () => {
  let server: LecternProcess;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let port: string;
  const teachers: string[] = [];
  const slowStarts: number[] = [];

  const start = async () => {
    const began = performance.now();
    server = await startLectern({ dataDir: folder.path, timeoutMs: 60_000, environment: { LECTERN_PORT: port, LECTERN_RATE_LIMIT_PER_MINUTE: '0', LECTERN_LOG_LEVEL: 'error' } });
    return performance.now() - began;
  };

  /** Repeats until there is an answer; what the server could not answer may have happened. */
  async function insist(method: string, path: string, body: object, key: string): Promise<{ status: number; body: Record<string, unknown> }> {
    for (;;) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
          method, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000),
          headers: { authorization: `Bearer ${server.ready.tokens.manager}`, 'content-type': 'application/json', 'idempotency-key': key },
        });
        const answer = (await response.json()) as Record<string, unknown>;
        const again = response.status === 503 || (response.status === 409 && answer['code'] === 'keyInProgress');
        if (!again) return { status: response.status, body: answer };
      } catch {
        // killed in the middle of it
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    port = '0';
    await start();
    port = new URL(server.ready.url).port;
    const admin = (path: string, body: object) =>
      fetch(`${server.ready.url}/api/v1${path}`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${server.ready.tokens.admin}`, 'content-type': 'application/json' } })
        .then(async (response) => (await response.json()) as { id: string });
    for (let i = 0; i < clients; i += 1) {
      teachers.push((await admin('/people', { name: `Teacher ${i}`, email: `teacher${i}@school.example`, role: 'teacher', timeZone: 'UTC' })).id);
      await admin('/zoom-accounts', { zoomUser: `pool-${i}@school.example`, capacity: 1 + (i % 2), credentialsRef: 'default', cloudRecording: true });
    }
  }, 60_000);

  afterAll(async () => {
    await server.kill();
    await startLectern({ dataDir: folder.path }).then((last) => last.interrupt()); // stops the database too
    await folder.remove();
  }, 60_000);

  it(`are in the log once each after ${kills} kills, and everything folded from it agrees`, async () => {
    const ledger: Entry[] = [];
    const refused = new Map<string, number>();
    let going = true;
    const client = async (n: number) => {
      let group: { id: string; names: number } | undefined;
      for (let turn = 0; going; turn += 1) {
        const key = randomUUID();
        const kind = turn % 4;
        const answer = kind === 0 || !group
          ? await insist('POST', '/groups', { name: `Group ${n}.${turn}` }, key)
          : kind < 3
            ? await insist('PATCH', `/groups/${group.id}`, { name: `Group ${n}.${turn}` }, key)
            : await insist('POST', '/lessons', {
                title: `Lesson ${n}.${turn}`, teacherId: teachers[n]!, groupId: null, provider: 'zoom', autoRecord: false, zone: 'UTC', durationMinutes: 45,
                localStart: new Date(Date.now() + 86_400_000 * (1 + (turn % 10)) + turn * 3_600_000).toISOString().slice(0, 16),
              }, key);
        if (answer.status >= 300) {
          const code = String(answer.body['code']);
          refused.set(code, (refused.get(code) ?? 0) + 1);
          continue;
        }
        const { id, revision } = answer.body as { id: string; revision: number };
        if (kind === 0 || !group) group = { id, names: 0 };
        ledger.push({ key, id, revision, what: kind === 3 ? `lesson-${id}` : `group-${id}` });
      }
    };
    const working = Array.from({ length: clients }, (_, n) => client(n));

    for (let kill = 0; kill < kills; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 1_200)); // the moment of the kill is the point of this test
      await server.kill();
      const took = await start();
      if (took > readyWithinMs) slowStarts.push(took);
    }
    going = false;
    await Promise.all(working);

    for (const code of refused.keys()) expect(['noZoomAccountFree', 'teacherBusy', 'lessonAbandoned']).toContain(code);
    const exported = await runLectern(['events'], { dataDir: folder.path });
    expect(exported.code).toBe(0);
    const events = exported.stdout.trim().split('\n').map((line) => JSON.parse(line) as Exported);

    const byStream = Map.groupBy(events, ({ stream }) => stream);
    for (const [stream, own] of byStream) expect([stream, own.map(({ revision }) => revision)]).toEqual([stream, own.map((_, i) => i)]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const { what, revision } of ledger) expect(byStream.get(what)?.[revision]).toBeDefined();
    // Once: two acknowledged commands never share an event, and a command's events stand in its stream one time.
    expect(new Set(ledger.map(({ what, revision }) => `${what} ${revision}`)).size).toBe(ledger.length);
    for (const [, own] of byStream) {
      const renamed = own.filter(({ type }) => type === 'GroupRenamed' || type === 'GroupCreated').map(({ data }) => data.name);
      expect(new Set(renamed).size).toBe(renamed.length);
    }
    const lessons = events.filter(({ type }) => type === 'LessonScheduled').length;

    expect(await runLectern(['audit', 'pool'], { dataDir: folder.path })).toMatchObject({ code: 0 });
    expect(await runLectern(['replay', '--all'], { dataDir: folder.path })).toMatchObject({ code: 0 });
    expect(await runLectern(['audit', 'read-models'], { dataDir: folder.path })).toMatchObject({ code: 0 });
    expect(slowStarts).toEqual([]);
    expect(ledger.length).toBeGreaterThan(kills);
    expect(lessons).toBeGreaterThan(0);
    process.stderr.write(`ledger: ${kills} kills, ${ledger.length} acknowledged commands, ${lessons} lessons, ${events.length} events, refused ${JSON.stringify(Object.fromEntries(refused))}\n`);
  }, 60_000 + kills * 20_000);
});
