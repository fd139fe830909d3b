// A node of its own process: takes sockets, owns rooms, reaches its neighbours. Started by fork; makes a room when it is told to.
import { startRoomServer } from '../../http/ws/support/roomServer.ts';

const [, , url = '', leaseMs = '3000'] = process.argv;
const node = await startRoomServer({ url, leaseMs: Number(leaseMs) });
process.on('message', (asked: { people: string[] }) => {
  void node.owner.room({ people: asked.people, max: 200 }).then((roomId) => process.send?.({ roomId }));
});
process.once('disconnect', () => process.exit(1)); // whoever started it is gone
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)));
process.send?.({ nodeUrl: node.nodeUrl });
