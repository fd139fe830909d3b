import type { Aggregate } from '../../domain/kernel/decider.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { EventOf, EventTypes } from '../../domain/kernel/eventType.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Clock } from '../../ports/clock.ts';
import { EventStoreError, type EventToAppend, type Metadata, type Position } from '../../ports/eventStore.ts';
import type { LiveStream, Waiting } from './liveStreams.ts';
import { findTraces } from './traces.ts';

/**
 * Empties the queue of one stream. Each round takes what waits, decides command after command on the state that the one before
 * left, and appends all their events in one piece at the revision they were decided on:
 *
 *   decide all → something to append?  yes → append → appended: everyone has their answer, refusals too (the state was the newest)
 *                                                  → conflict: read what is newer, decide all again
 *                                      no  → read to the head → nothing newer: answers and refusals count
 *                                                             → something newer: decide all again
 *
 * So a stream takes as many commands per disk flush as there are waiting, and never conflicts with its own process.
 */
export type Run<State, Command, Types extends EventTypes> = {
  log: EventLog;
  clock: Clock;
  aggregate: Aggregate<State, Command, Types>;
  live: LiveStream<State, Command, EventOf<Types>>;
  maxAttempts: number;
};

/** One append stays well below the port's limits (1,000 events, 1 MiB). */
const maxCommands = 200;
const maxEvents = 500;
const maxBytes = 256 * 1024;

export async function runCommands<State, Command, Types extends EventTypes>(run: Run<State, Command, Types>): Promise<void> {
  const { live } = run;
  while (live.waiting.length > 0) {
    const taken = live.waiting.splice(0, maxCommands);
    try {
      await runRound(run, taken);
    } catch (error) {
      for (const waiting of taken) waiting.reject(error); // who has an answer already is not touched by this
    }
  }
  live.running = false; // in the same breath as the look at the queue: a command that arrives now starts a run of its own
}

type Verdict<State, Event> =
  | { kind: 'done'; events: Event[]; state: State; revision: number }
  | { kind: 'traced'; events: Event[]; revision: number; position: Position }
  | { kind: 'refused'; error: unknown };

async function runRound<State, Command, Types extends EventTypes>(run: Run<State, Command, Types>, taken: Waiting<State, Command, EventOf<Types>>[]): Promise<void> {
  const { log, live, maxAttempts } = run;
  let readToHead = false;
  // A search for traces is only as good as what was read before it.
  const isNew = live.revision < 0 && taken.every(({ presumedNew }) => presumedNew);
  if ((!live.loaded && !isNew) || taken.some(({ context }) => context.mayBeRepeat)) {
    await live.catchUp();
    readToHead = true;
  }
  for (let attempt = 1; ; attempt += 1) {
    const base = live.revision;
    const round = await decideAll(run, taken);
    if (round.toAppend.length === 0) {
      if (!readToHead && (await live.catchUp())) {
        readToHead = true;
        continue;
      }
      return answer(live, taken, round.verdicts, live.position);
    }
    let outcome;
    try {
      outcome = await log.append(live.stream, round.toAppend, { expectedRevision: base < 0 ? 'noStream' : base });
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      if (error.code === 'unknownOutcome') live.loaded = false; // what is in memory may be behind; read before anything else is decided
      if ((error.code === 'invalid' || error.code === 'tooLarge') && round.decided > 1) {
        // One of them spoils it for the others: each on its own.
        for (const one of taken.splice(0)) await runRound(run, [one]).catch((reason: unknown) => one.reject(reason));
        return;
      }
      throw error;
    }
    if (outcome.outcome === 'appended') {
      live.advance(round.state, outcome.revision, outcome.position);
      if (round.decided < taken.length) live.waiting.unshift(...taken.splice(round.decided));
      return answer(live, taken, round.verdicts, outcome.position);
    }
    if (attempt >= maxAttempts) throw new DomainError('contended', `${live.stream} is being written to by too many at once`);
    await backOff(attempt);
    await live.catchUp();
    readToHead = true;
  }
}

async function decideAll<State, Command, Types extends EventTypes>(run: Run<State, Command, Types>, taken: Waiting<State, Command, EventOf<Types>>[]) {
  const { log, clock, aggregate, live } = run;
  const { decider } = aggregate;
  type Event = EventOf<Types>;
  const verdicts: Verdict<State, Event>[] = [];
  const toAppend: EventToAppend[] = [];
  let { state, revision } = live;
  let bytes = 0;
  for (const { command, context, step, ifMatch } of taken) {
    if (toAppend.length >= maxEvents || bytes >= maxBytes) break;
    try {
      if (context.mayBeRepeat) {
        const traces = await findTraces<Event>(log, live.stream, context.commandId, step);
        if (traces) {
          verdicts.push({ kind: 'traced', ...traces });
          continue;
        }
      }
      if (ifMatch !== undefined && ifMatch !== revision) {
        throw new DomainError('staleRevision', `the stream is at revision ${revision}, not ${ifMatch}`, { revision });
      }
      const events = decider.decide(command, state);
      const encoded: EventToAppend[] = [];
      const metadata: Metadata = {
        commandId: context.commandId, correlationId: context.correlationId, causationId: context.causationId, actor: context.actor,
        occurredAt: clock.now().toISOString(),
      };
      for (const [index, event] of events.entries()) {
        const result = log.codec.encode(event, deriveId(context.commandId, step, live.stream, index), metadata);
        const one = result instanceof Promise ? await result : result;
        bytes += one.dataJson.length;
        encoded.push(one);
      }
      for (const event of events) state = decider.evolve(state, event);
      revision += events.length;
      toAppend.push(...encoded);
      verdicts.push({ kind: 'done', events, state, revision });
    } catch (error) {
      if (error instanceof EventStoreError) throw error;
      verdicts.push({ kind: 'refused', error });
    }
  }
  return { verdicts, toAppend, state, decided: verdicts.length };
}

function answer<State, Command, Event>(live: LiveStream<State, Command, Event>, taken: Waiting<State, Command, Event>[], verdicts: Verdict<State, Event>[], position: Position) {
  for (const [i, verdict] of verdicts.entries()) {
    const waiting = taken[i];
    if (!waiting) continue;
    switch (verdict.kind) {
      case 'done':
        waiting.resolve({ id: live.id, stream: live.stream, revision: verdict.revision, position, events: verdict.events, state: verdict.state });
        break;
      case 'traced':
        waiting.resolve({ id: live.id, stream: live.stream, revision: verdict.revision, position: verdict.position, events: verdict.events, state: live.state });
        break;
      case 'refused':
        waiting.reject(verdict.error);
        break;
    }
  }
}

/** Up to 1, 2, 4 … 64 ms, jittered: two processes that race for one stream must not march in step. */
const backOff = (attempt: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 2 ** Math.min(attempt, 6)));
