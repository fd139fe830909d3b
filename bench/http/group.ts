import { createPostgresEventStore } from '../../src/adapters/eventStore/postgres/eventStore.ts';
import type { CommandContext } from '../../src/commands/pipeline/context.ts';
import { createDirectoryCommands } from '../../src/commands/directory/index.ts';
import { createPipeline } from '../../src/commands/pipeline/pipeline.ts';
import { schoolEvents } from '../../src/domain/schoolEvents.ts';
import { createCodec } from '../../src/eventLog/codec.ts';
import { createEventLog } from '../../src/eventLog/eventLog.ts';
import { systemClock } from '../../src/ports/clock.ts';

/** The real way of a command: pipeline, codec, log on Postgres. Groups hold nothing personal, so no keys are needed. */
export async function openBenchGroup(databaseUrl: string, { create = true } = {}) {
  const store = createPostgresEventStore({ url: databaseUrl });
  const noKeys = { find: () => Promise.resolve(new Map<string, Buffer>()), obtain: () => Promise.reject(new Error('this benchmark writes nothing personal')) };
  const commands = createDirectoryCommands({ pipeline: createPipeline(createEventLog(store, createCodec(schoolEvents, noKeys)), systemClock) });
  const context = (commandId: string): CommandContext => ({ commandId, correlationId: commandId, causationId: commandId, actor: { id: 'bench', role: 'admin' } });
  if (create) await commands.createGroup({ groupId: 'bench', name: 'before' }, context(crypto.randomUUID()));
  return {
    rename: (groupId: string, name: string, command: CommandContext) => commands.renameGroup({ groupId, name }, command),
    close: () => store.close(),
  };
}
