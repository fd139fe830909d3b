import { eventually } from '../../support/eventually.ts';
import { startEdgeServer, type EdgeServer } from './support/edgeServer.ts';

/** Something that hangs until the test lets it go on. */
function hanging<Answer>() {
  let goOn: (answer: Answer) => void = () => undefined;
  const answer = new Promise<Answer>((resolve) => { goOn = resolve; });
  return { answer, goOn };
}

const limits = { attachWithinMs: 150, sweepMs: 25 };
/** Never in the time of a test: a limit that is not held shows as this. */
const stillOpen = (ms = 2_000) => new Promise<{ code: 'still open' }>((resolve) => { setTimeout(resolve, ms, { code: 'still open' }).unref(); });

describe('a socket whose room does not answer', () => {
  let edge: EdgeServer;
  beforeEach(async () => { edge = await startEdgeServer({ limits }); });
  afterEach(() => edge.stop());
  const greeted = async (personId = 'student-1') => {
    const client = await edge.enter('board', personId);
    await client.opened;
    client.send({ t: 'hello', d: { clientId: 'c-1', lastVersion: 0 } });
    return client;
  };
  const codeOf = async (client: Awaited<ReturnType<typeof greeted>>) => (await Promise.race([client.closed, stillOpen()])).code;

  it('closes for later, and what the owner answers afterwards is undone', async () => {
    const owner = hanging<undefined>();
    edge.script.attach = () => owner.answer;
    expect(await codeOf(await greeted())).toBe(1013);
    expect(edge.script.closedDoors).toBe(1); // nobody waits at it any more
    expect(edge.script.detached).toEqual([]);
    owner.goOn(undefined);
    await eventually(() => edge.script.detached.length === 1);
    expect(edge.script.detached).toEqual(edge.script.attached.map(({ connectionId }) => connectionId));
  });

  it('leaves the others of its room in peace', async () => {
    const staying = await edge.board('student-2');
    const owner = hanging<undefined>();
    edge.script.attach = () => owner.answer;
    expect(await codeOf(await edge.enter('system'))).toBe(1013);
    owner.goOn(undefined);
    await eventually(() => edge.script.detached.length === 1);
    expect(edge.script.detached).toEqual([edge.script.attached[1]!.connectionId]);
    expect([staying.socket.readyState, edge.script.closedDoors]).toEqual([staying.socket.OPEN, 0]);
  });

  it('closes for later when the door does not open; whoever comes next tries it anew', async () => {
    const door = hanging<void>();
    edge.script.open = () => door.answer;
    expect(await codeOf(await greeted())).toBe(1013);
    edge.script.open = () => Promise.resolve();
    await edge.board('student-2');
    door.goOn();
    await eventually(() => edge.script.closedDoors === 1);
    expect(edge.script.attached.map(({ personId }) => personId)).toEqual(['student-2']);
  });

  it('has left the owner at once when it is its welcome that takes too long', async () => {
    const log = hanging<[]>();
    const slow = await startEdgeServer({ limits, readGroups: () => log.answer });
    try {
      slow.script.version = 5;
      slow.script.snapshot = 5;
      const client = await slow.enter('board');
      await client.opened;
      client.send({ t: 'hello', d: { clientId: 'c-1', lastVersion: 0 } });
      expect(await codeOf(client)).toBe(1013);
      await eventually(() => slow.script.detached.length === 1);
    } finally {
      log.goOn([]);
      await slow.stop();
    }
  });
});

it('a socket whose ticket nobody can look at closes for later, and enters nowhere afterwards', async () => {
  const redeemed = hanging<undefined>();
  const person = hanging<undefined>();
  const slow = await startEdgeServer({ limits, tickets: { redeem: () => redeemed.answer } });
  const nameless = await startEdgeServer({ limits, personOf: () => person.answer });
  try {
    for (const edge of [slow, nameless]) {
      const client = await edge.enter('system');
      expect((await Promise.race([client.closed, stillOpen()])).code).toBe(1013);
    }
    person.goOn(undefined);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    expect(nameless.script.attached).toEqual([]);
  } finally {
    await slow.stop();
    await nameless.stop();
  }
});
