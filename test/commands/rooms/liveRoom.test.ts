import { applyOps, emptyDoc, shapeAt, type Op } from '../../../src/domain/board/index.ts';
import { eventually } from '../../support/eventually.ts';
import { useOwnRooms } from './support/ownRooms.ts';
import { asks, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

describe('a live room', () => {
  const own = useOwnRooms();

  const opened = async (...options: Parameters<RoomProcess['room']>) => {
    const roomId = await own.here.room(...options);
    return { roomId, edge: await openEdge(own.here.rooms.door, roomId) };
  };

  describe('draws', () => {
    it('writes what one draws, tells the others in full and the author in short, and acknowledges it', async () => {
      const { roomId, edge } = await opened();
      const host = await edge.socket('host');
      const student = await edge.socket('student');
      expect(student.frames[0]).toMatchObject({ t: 'welcome', d: { version: 0, lastSeq: 0, you: { personId: 'student', role: 'student' }, permissions: { draw: true, edit: 'own' } } });

      student.send(add(1, 'one'));
      expect((await host.next('ops')).d).toEqual({
        from: 0,
        groups: [{ version: 1, personId: 'student', clientId: 'tab-student', seq: 1, gestureId: 'g-one', kind: 'ops', ops: [expect.objectContaining({ op: 'shape.add', shape: expect.objectContaining({ id: 'one', author: 'student' }) })] }],
      });
      expect((await student.next('ops')).d).toEqual({ from: 0, groups: [{ version: 1, clientId: 'tab-student', seq: 1 }] });
      expect((await student.next('ack')).d).toEqual({ upTo: 1, version: 1 });

      const [group] = await own.here.groups(roomId);
      expect(group).toMatchObject({ revision: 0, data: { personId: 'student', seq: 1 }, metadata: { actor: { id: 'student', role: 'student' } } });
    });

    it('refuses a group with its reason, and takes those behind it', async () => {
      const { edge } = await opened();
      const student = await edge.socket('student');
      student.send(add(1, 'one'));
      student.send({ t: 'ops', d: { seq: 2, gestureId: 'clear', ops: [{ op: 'board.clear' }] } });
      student.send(add(3, 'one'));
      student.send(add(4, 'two'));
      const rejected = async () => {
        await student.next('ack', ({ upTo }) => upTo === 4);
        return student.frames.flatMap(({ t, d }) => (t === 'ack' ? (d['rejected'] as object[] | undefined) ?? [] : []));
      };
      expect(await rejected()).toEqual([{ seq: 2, code: 'forbidden' }, { seq: 3, code: 'shapeExists' }]);
    });

    it('acknowledges a repeat, also over a new socket, and writes it once', async () => {
      const { roomId, edge } = await opened();
      const before = await edge.socket('student');
      before.send(add(1, 'one'));
      await before.next('ack');
      before.detach();
      const again = await edge.socket('student', 'board', { ackedSeq: 0 });
      expect(again.frames[0]?.d).toMatchObject({ lastSeq: 1, version: 1 });
      again.send(add(1, 'one'));
      again.send(add(2, 'two'));
      await again.next('ack', ({ upTo }) => upTo === 2);
      expect((await own.here.groups(roomId)).map(({ data }) => data.seq)).toEqual([1, 2]);
    });

    it('answers a gap with the sequence it waits for', async () => {
      const { edge } = await opened();
      const student = await edge.socket('student');
      student.send(add(2, 'two'));
      expect((await student.next('error')).d).toEqual({ code: 'seqGap', retryable: true, ref: '2', detail: 'expected 1' });
    });

    it('goes on behind a refused group after another owner took over, as the client heard of it', async () => {
      const { roomId, edge } = await opened();
      const student = await edge.socket('student');
      student.send({ t: 'ops', d: { seq: 1, gestureId: 'clear', ops: [{ op: 'board.clear' }] } });
      await student.next('ack');
      const there = own.another();
      await own.here.rooms.stop();
      const other = await openEdge(there.rooms.door, roomId);
      const again = await other.socket('student', 'board', { ackedSeq: 1 });
      again.send(add(2, 'two'));
      await again.next('ack', ({ upTo }) => upTo === 2);
      await there.stop();
      own.reopen();
    });

    it('sends an undo to everyone in full, its author too', async () => {
      const { edge } = await opened();
      const student = await edge.socket('student');
      student.send(add(1, 'one'));
      student.send({ t: 'undo', d: { seq: 2 } });
      const undone = await student.next('ops', ({ groups }) => (groups as { kind?: string }[]).some(({ kind }) => kind === 'undo'));
      expect((undone.d['groups'] as object[]).at(-1)).toMatchObject({ personId: 'student', seq: 2, kind: 'undo', undoes: 'g-one', ops: [{ op: 'shape.delete', id: 'one' }] });
    });
  });

  describe('holds its barrier', () => {
    it('writes what came before a pause, and refuses what came behind it, with the room revision that each was checked under', async () => {
      const { roomId, edge } = await opened();
      const student = await edge.socket('student');
      const host = await edge.socket('host');
      await eventually(async () => (await own.here.happened(roomId)).filter((type) => type === 'ParticipantConnected').length === 2);
      student.send(add(1, 'one'));
      const paused = own.here.command(roomId, 'host', { type: 'pause' });
      await new Promise((resolve) => setImmediate(resolve)); // the command is in the queue
      student.send(add(2, 'two'));
      host.send(add(1, 'hosts'));
      const { revision } = await paused;
      await student.next('ack', ({ upTo }) => upTo === 2);
      await host.next('ack');
      expect(student.frames.flatMap(({ d }) => d['rejected'] ?? [])).toEqual([{ seq: 2, code: 'roomPaused' }]);
      expect((await own.here.groups(roomId)).map(({ data }) => [data.ops.length, data.personId, data.roomRevision])).toEqual([[1, 'student', revision - 1], [1, 'host', revision]]);
    });

    it('takes a kicked person out at once: all their sockets, their queue and their call', async () => {
      const { roomId, edge } = await opened({ people: ['student', 'other'] });
      const sockets = await Promise.all((['board', 'system', 'webrtc'] as const).map((channel) => edge.socket('student', channel)));
      const peer = await edge.socket('other', 'webrtc');
      for (const one of [sockets[2]!, peer]) one.send({ t: 'join', d: { publish: true } });
      await peer.next('peers', ({ peers }) => (peers as object[]).length === 1);
      await own.here.command(roomId, 'host', { type: 'kick', personId: 'student', reason: 'noise' });
      expect(sockets.map(({ closed }) => closed)).toEqual([4100, 4100, 4100]);
      expect(sockets[1]?.frames.at(-1)).toEqual({ t: 'kicked', d: { reason: 'noise' } });
      expect((await peer.next('leave')).d).toEqual({ from: sockets[2]?.connectionId, reason: 'kicked' });
      expect((await edge.socket('student')).answer).toEqual({ ok: false, code: 4100 });
    });

    it('closes every socket when the room ends, after telling it', async () => {
      const { roomId, edge } = await opened();
      const board = await edge.socket('student');
      const system = await edge.socket('student', 'system');
      await own.here.command(roomId, 'host', { type: 'complete' });
      expect([board.closed, system.closed]).toEqual([4410, 4410]);
      expect(system.frames.findLast(({ t }) => t === 'status')?.d).toMatchObject({ status: 'completed' });
      expect((await edge.socket('host')).answer).toEqual({ ok: false, code: 4410 });
    });

    it('tells people what they may do when that changes, and holds them to it', async () => {
      const { roomId, edge } = await opened();
      const board = await edge.socket('student');
      const system = await edge.socket('student', 'system');
      await own.here.command(roomId, 'host', { type: 'updatePermissions', of: { personId: 'student' }, changes: { draw: false } });
      await system.next('permissions', ({ permissions }) => (permissions as { draw: boolean }).draw === false);
      board.send(add(1, 'one'));
      await board.next('ack');
      expect(board.frames.at(-1)?.d).toMatchObject({ rejected: [{ seq: 1, code: 'forbidden' }] });
    });
  });

  describe('knows its sockets', () => {
    it('lets the same client take over, and no more than three devices of one person in', async () => {
      const { edge } = await opened();
      const first = await edge.socket('student', 'board', { deviceId: 'one' });
      const second = await edge.socket('student', 'board', { deviceId: 'two' }); // the same client on another device
      expect([first.closed, second.answer.ok]).toEqual([4409, true]);
      for (const deviceId of ['three', 'four']) expect((await edge.socket('student', 'board', { deviceId, clientId: deviceId })).answer.ok).toBe(true);
      expect((await edge.socket('student', 'system', { deviceId: 'five' })).answer).toMatchObject({ ok: false, code: 4429 });
    });

    it('keeps out who has no part in the room, and lets who waits for admission hear only the system channel', async () => {
      const { roomId, edge } = await opened({ waitingRoom: true });
      expect((await edge.socket('stranger')).answer).toEqual({ ok: false, code: 4403 });
      expect((await edge.socket('student')).answer).toEqual({ ok: false, code: 4401 });
      const waiting = await edge.socket('student', 'system');
      expect(waiting.answer.ok).toBe(true);
      await own.here.command(roomId, 'host', { type: 'admit', personId: 'student' });
      expect((await waiting.next('admit')).d).toEqual({ personId: 'student', name: 'student' });
      expect((await edge.socket('student')).answer.ok).toBe(true);
      await eventually(async () => (await own.here.happened(roomId)).includes('ParticipantConnected'));
    });

    it('shows who waits for admission the door and themself, and everything once they are let in', async () => {
      const { roomId, edge } = await opened({ waitingRoom: true });
      const host = await edge.socket('host', 'system');
      host.send({ t: 'chat', d: { text: 'between us' } });
      await host.next('chat');
      const waiting = await edge.socket('student', 'system');
      expect(waiting.frames.map(({ t }) => t)).toEqual(['status', 'participant']);
      expect(waiting.frames[0]?.d).not.toHaveProperty('people');
      expect(waiting.frames[0]?.d).not.toHaveProperty('chat');
      expect(waiting.frames[1]?.d).toMatchObject({ personId: 'student', waiting: true });
      host.send({ t: 'raiseHand', d: { raised: true } });
      host.send({ t: 'chat', d: { text: 'still between us' } });
      await host.next('chat', ({ text }) => text === 'still between us');
      await own.here.command(roomId, 'host', { type: 'admit', personId: 'student' });
      const status = await waiting.next('status', (d) => 'people' in d);
      expect(status.d).toMatchObject({ chat: [{ text: 'between us' }, { text: 'still between us' }], people: expect.arrayContaining([expect.objectContaining({ personId: 'host', handRaised: true })]) });
      expect(waiting.frames.slice(2).filter(({ t, d }) => t === 'chat' || (t === 'participant' && d['personId'] === 'host'))).toEqual([]);
      expect(waiting.frames.find(({ t, d }) => t === 'participant' && d['waiting'] === false)?.d).toMatchObject({ personId: 'student' });
    });

    it('knows no room that is not there, and one that is made right afterwards', async () => {
      const roomId = crypto.randomUUID();
      const early = await openEdge(own.here.rooms.door, roomId);
      expect((await early.socket('host')).answer).toEqual({ ok: false, code: 4404 });
      await eventually(() => !own.here.rooms.open().includes(roomId));
      await own.here.room({ roomId });
      expect((await (await openEdge(own.here.rooms.door, roomId)).socket('host')).answer.ok).toBe(true);
    });

    it('keeps what is said for who comes later, under the name of who said it', async () => {
      const { edge } = await opened();
      const student = await edge.socket('student', 'system');
      student.send({ t: 'chat', d: { text: 'hello', clientRef: 'c1' } });
      expect((await student.next('chat')).d).toMatchObject({ personId: 'student', name: 'student', text: 'hello', clientRef: 'c1' });
      const later = await edge.socket('host', 'system');
      expect(later.frames[0]).toMatchObject({ t: 'status', d: { chat: [{ text: 'hello', name: 'student' }], people: expect.arrayContaining([expect.objectContaining({ personId: 'student', name: 'student' })]) } });
    });

    it('gathers what people point at into one frame', async () => {
      const { edge } = await opened();
      const [host, student] = [await edge.socket('host'), await edge.socket('student')];
      for (let x = 0; x < 50; x += 1) student.send({ t: 'pointer', d: { page: 'page-1', x, y: 0 } });
      host.send({ t: 'pointer', d: { page: 'page-1', x: 7, y: 7 } });
      const { d } = await host.next('presence');
      expect(d['people']).toEqual([
        { personId: 'student', clientId: 'tab-student', pointer: { page: 'page-1', x: 49, y: 0 } }, { personId: 'host', clientId: 'tab-host', pointer: { page: 'page-1', x: 7, y: 7 } },
      ]);
      expect(host.frames.filter(({ t }) => t === 'presence')).toHaveLength(1);
    });
  });

  describe('keeps and brings back boards', () => {
    it('saves, goes on from what is kept, and restores a version for everyone', async () => {
      const { roomId, edge } = await opened();
      const host = await edge.socket('host');
      for (let seq = 1; seq <= 30; seq += 1) host.send(add(seq, `s${seq}`));
      await host.next('ack', ({ upTo }) => upTo === 30);
      const saved = await own.here.rooms.door.execute(roomId, { name: 'save', input: { by: { personId: 'host', authority: 'room' } } }, asks());
      expect(saved.result).toMatchObject({ version: 30, shapes: 30 });
      host.send({ t: 'ops', d: { seq: 31, gestureId: 'clear', ops: [{ op: 'board.clear' }] } });
      await host.next('ack', ({ upTo }) => upTo === 31);
      await own.here.rooms.door.execute(roomId, { name: 'restore', input: { toVersion: 12 } }, asks());
      expect((await host.next('reset')).d).toMatchObject({ version: 32, snapshotVersion: 32 });
      expect((await own.here.boards.boardAt(roomId)).doc.shapes.size).toBe(12);
      expect((await own.here.boards.boardAt(roomId, 31)).doc.shapes.size).toBe(0);
      expect((await own.here.boards.boardAt(roomId, 20)).doc.shapes.size).toBe(20);
      await expect(own.here.boards.boardAt(roomId, 33)).rejects.toMatchObject({ code: 'boardVersionNotFound' });
      await eventually(async () => (await own.here.happened(roomId)).filter((type) => ['SnapshotTaken', 'BoardCleared', 'BoardRestored'].includes(type)).length >= 3);
      expect(await own.here.happened(roomId)).toEqual(expect.arrayContaining(['BoardCleared', 'BoardRestored']));

      // Another owner: from what is kept and the tail, undo included.
      await own.here.stop();
      own.reopen();
      const other = await openEdge(own.here.rooms.door, roomId);
      const again = await other.socket('host', 'board', { ackedSeq: 31 });
      expect(again.frames[0]?.d).toMatchObject({ version: 32, lastSeq: 31 });
      again.send({ t: 'undo', d: { seq: 32, gestureId: 'g-s5' } });
      await again.next('ack', ({ upTo }) => upTo === 32);
    });

    it('lets people in before it has read what is on the board, and decides on all of it', async () => {
      const { roomId, edge } = await opened();
      const host = await edge.socket('host');
      for (let seq = 1; seq <= 40; seq += 1) host.send(add(seq, `s${seq}`));
      await host.next('ack', ({ upTo }) => upTo === 40);
      await own.here.rooms.door.execute(roomId, { name: 'save', input: { by: { personId: 'host', authority: 'room' } } }, asks());
      host.send(add(41, 'behind'));
      await host.next('ack', ({ upTo }) => upTo === 41);

      await own.here.stop();
      own.reopen();
      const snapshots = own.here.snapshots;
      const readWhole = snapshots.read;
      let letIn: (() => void) | undefined;
      const held = new Promise<void>((resolve) => { letIn = resolve; });
      snapshots.read = async (...asked) => held.then(() => readWhole(...asked));
      const other = await openEdge(own.here.rooms.door, roomId);
      const again = await other.socket('host', 'board', { lastVersion: 41, ackedSeq: 41 });
      expect(again.frames[0]?.d).toMatchObject({ version: 41, lastSeq: 41 });
      again.send(add(42, 's7'));
      again.send({ t: 'ops', d: { seq: 43, gestureId: 'change', ops: [{ op: 'shape.update', id: 'behind', set: { x: 5 } }] } });
      letIn?.();
      await again.next('ack', ({ upTo }) => upTo === 43);
      expect(again.frames.flatMap(({ t, d }) => (t === 'ack' ? ((d['rejected'] as object[] | undefined) ?? []) : []))).toEqual([{ seq: 42, code: 'shapeExists' }]);
      const { version, doc } = await own.here.boards.boardAt(roomId);
      expect([version, doc.shapes.size, shapeAt(doc, 'behind')?.x]).toEqual([42, 41, 5]);
    });

    it('forks: a kept board becomes the first version of another room, once', async () => {
      const source = await opened();
      const host = await source.edge.socket('host');
      for (let seq = 1; seq <= 3; seq += 1) host.send(add(seq, `s${seq}`));
      await host.next('ack', ({ upTo }) => upTo === 3);
      const { sha256 } = await own.here.boards.keepBoard(source.roomId, 2);
      const fork = await own.here.room();
      const context = asks();
      for (let i = 0; i < 2; i += 1) await own.here.rooms.door.execute(fork, { name: 'importBoard', input: { toVersion: 2, blob: sha256 } }, context);
      const { version, doc } = await own.here.boards.boardAt(fork);
      expect([version, doc.shapes.size]).toEqual([1, 2]);
    });

    it('keeps a board by itself after 500 groups, and it is the fold of the log', async () => {
      const { roomId, edge } = await opened();
      const host = await edge.socket('host');
      for (let seq = 1; seq <= 600; seq += 1) host.send(add(seq, `s${seq}`, { x: seq }));
      await host.next('ack', ({ upTo }) => upTo === 600);
      const kept = await eventually(() => own.here.boards.newestSnapshot(roomId));
      expect(kept.version).toBeGreaterThanOrEqual(500);
      let doc = emptyDoc;
      for (const { data, revision } of await own.here.groups(roomId)) if (revision < kept.version) doc = applyOps(doc, data.ops as readonly Op[], { author: data.personId, version: revision + 1 } as Parameters<typeof applyOps>[2]);
      const { doc: folded } = await own.here.boards.boardAt(roomId, kept.version);
      expect(folded.shapes.size).toBe(doc.shapes.size);
    });

    it('reads from the log what is too much to be remembered until the board is kept', async () => {
      const there = own.another({ times: { snapshotBytes: 50, autosaveMs: 0 } });
      const roomId = await there.room();
      const host = await (await openEdge(there.rooms.door, roomId)).socket('host');
      for (let seq = 1; seq <= 60; seq += 1) host.send(add(seq, `s${seq}`));
      await host.next('ack', ({ upTo }) => upTo === 60);
      const { result } = await there.rooms.door.execute(roomId, { name: 'save', input: {} }, asks());
      expect(result).toMatchObject({ version: 60, shapes: 60 });
      await there.stop();
    });
  });
});
