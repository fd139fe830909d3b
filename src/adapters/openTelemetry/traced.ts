import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import type { EventStore } from '../../ports/eventStore.ts';
import type { Trace } from '../../ports/trace.ts';
import type { JobDefinition } from '../jobs/jobDefinition.ts';
import type { Task } from '../reactors/reactor.ts';

/*
 * What is traced, seen from outside: each part as it was, and a span around what it does. Streams, keys and payloads are left out,
 * as they name people.
 */

export const tracedStore = (store: EventStore, trace: Trace): EventStore => ({
  ...store,
  append: (stream, events, options) =>
    trace.run('append', { 'lectern.category': categoryOf(stream), 'lectern.events': events.length }, async (more) => {
      const answer = await store.append(stream, events, options);
      more({ 'lectern.outcome': answer.outcome });
      return answer;
    }),
});

export const tracedPipeline = (pipeline: Pipeline, trace: Trace): Pipeline => ({
  ...pipeline,
  execute: (aggregate, id, command, context, options) =>
    trace.run(`${aggregate.category} ${kindOf(command)}`, { 'lectern.category': aggregate.category, 'lectern.command': kindOf(command) }, () =>
      pipeline.execute(aggregate, id, command, context, options)),
});

type Projecting<Event, Rest extends unknown[]> = { name: string; project(events: readonly Event[], ...rest: Rest): Promise<void> };

export const tracedReadModel = <Event, Rest extends unknown[], Model extends Projecting<Event, Rest>>(model: Model & Projecting<Event, Rest>, trace: Trace): Model => ({
  ...model,
  project: (events: readonly Event[], ...rest: Rest) =>
    trace.run(`project ${model.name}`, { 'lectern.read_model': model.name, 'lectern.events': events.length }, () => model.project(events, ...rest)),
});

export const tracedTask = (task: Task, trace: Trace): Task => ({
  ...task,
  run: (payload, run) => trace.run(`react ${task.name}`, { 'lectern.task': task.name, 'lectern.attempt': run.attempt }, () => task.run(payload, run)),
});

export const tracedJob = (job: JobDefinition, trace: Trace): JobDefinition => ({
  ...job,
  run: (context) => trace.run(`job ${job.name}`, { 'lectern.job': job.name, 'lectern.run_id': context.runId }, () => job.run(context)),
});

const categoryOf = (stream: string): string => stream.split('-', 1)[0] ?? '';

/** Commands are unions told apart by `type`. */
const kindOf = (command: unknown): string => (typeof command === 'object' && command !== null && 'type' in command && typeof command.type === 'string' ? command.type : 'command');
