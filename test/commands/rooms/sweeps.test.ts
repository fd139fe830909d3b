import type { Op } from '../../../src/domain/board/index.ts';
import { eventually } from '../../support/eventually.ts';
import { useOwnRooms } from './support/ownRooms.ts';
import { add, openEdge, rectangle } from './support/sockets.ts';

describe('clearings of a board', () => {
  const own = useOwnRooms();

  it('are in the room\'s timeline once a group, with what they have in common', async () => {
    const roomId = await own.here.room();
    const host = await (await openEdge(own.here.rooms.door, roomId)).socket('host');
    const clear = (pageId?: string, layerId?: string): Op => ({ op: 'board.clear', ...(pageId !== undefined && { pageId }), ...(layerId !== undefined && { layerId }) });
    const layer = (id: string): Op => ({ op: 'layer.add', layer: { id, page: 'page-1', name: id, z: 'a1', visible: true, locked: false } });
    let seq = 0;
    const sweep = (...ops: Op[]) => {
      seq += 1;
      host.send({ t: 'ops', d: { seq, gestureId: `sweep-${seq}`, ops: [...ops, { op: 'shape.add', shape: rectangle(`s${seq}`) }] } });
    };
    sweep(layer('l'), clear('page-1', 'layer-1'), clear('page-1', 'layer-1'));
    sweep(clear('page-1', 'layer-1'), clear('page-1', 'l'));
    sweep(clear('page-1', 'layer-1'), clear());
    sweep(...Array.from({ length: 499 }, () => clear()));
    host.send(add(5, 'last'));
    await host.next('ack', ({ upTo }) => upTo === 5);
    expect((await own.here.groups(roomId)).map(({ data }) => data.seq)).toEqual([1, 2, 3, 4, 5]);

    const cleared = async () => (await own.here.log.readStream(`room-${roomId}`)).flatMap((one) => (one.ok && one.event.type === 'BoardCleared' ? [one.event.data] : []));
    await eventually(async () => (await cleared()).length >= 4);
    await own.here.command(roomId, 'host', { type: 'pause' }); // behind all of them
    const told = await cleared();
    expect(told.map(({ version, pageId, layerId }) => ({ version, pageId, layerId }))).toEqual([
      { version: 1, pageId: 'page-1', layerId: 'layer-1' }, { version: 2, pageId: 'page-1', layerId: undefined }, { version: 3, pageId: undefined, layerId: undefined }, { version: 4, pageId: undefined, layerId: undefined },
    ]);
  });
});
