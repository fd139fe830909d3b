import { readFileSync } from 'node:fs';
import type { Reactor } from '../../../src/adapters/reactors/reactor.ts';
import { roomReactor } from '../../../src/adapters/rooms/roomReactor.ts';
import { zoomReactor } from '../../../src/adapters/zoom/zoomReactor.ts';
import { schoolEvents } from '../../../src/domain/schoolEvents.ts';
import { createCodec } from '../../../src/eventLog/codec.ts';
import type { RecordedEvent } from '../../../src/ports/eventStore.ts';

const reactors: readonly Reactor[] = [zoomReactor, roomReactor];

/** What a reactor does not declare is never shown to it, so it must not want it. */
test.each(reactors.map((reactor) => [reactor.name, reactor] as const))('reactor %s asks for no job for an event of a type that it does not declare', async (_, reactor) => {
  const golden = JSON.parse(readFileSync(new URL('../../golden/events.json', import.meta.url), 'utf8')) as { stored: RecordedEvent }[];
  const codec = createCodec(schoolEvents, { find: async () => new Map(), obtain: () => Promise.reject(new Error('nothing is written')) });
  const everyType = (await codec.decode(golden.map(({ stored }) => stored))).flatMap((decoded) => (decoded.ok ? [decoded.event] : []));
  expect(reactor.types?.filter((type) => !Object.hasOwn(schoolEvents, type))).toEqual([]);
  const asking = everyType.filter((event) => reactor.jobs(event).length > 0).map(({ type }) => type);
  expect(asking.length).toBeGreaterThan(0);
  expect(asking.filter((type) => !reactor.types?.includes(type))).toEqual([]);
});
