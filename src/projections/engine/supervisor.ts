import { checkpointMisfit } from './checkpointMisfit.ts';
import type { CheckpointMisfit, EngineOptions } from './engineOptions.ts';
import { createMember, type Feed, type Member } from './feed.ts';
import { type Group, type GroupEvents, startGroup } from './group.ts';
import { acquire, type Generation, keyOf, makeSchema, releaseLeases, renewLeases, switchOver, unpause } from './generations.ts';
import type { ReadModel } from './readModel.ts';
import type { Snapshot } from './snapshot.ts';
import { inTransaction } from './transaction.ts';

/**
 * Decides what this process feeds. A generation is, in this process, either *not ours*; or *a member* of a group; or *paused*
 * (ours, but it stands before a poison event until a person resumes or skips); or *waiting* (something failed: taken up again
 * after a back-off, from the checkpoint as it then is); or *refused* (its checkpoint does not fit the log).
 * Each look() brings what is seen in the rows and what is done here into line, so no message has to arrive for things to go on.
 */
export type Supervisor = {
  /** One look at the rows of the snapshot. @throws what Postgres or the log throws: look again later. */
  look(): Promise<void>;
  /** By generation key: why it makes no progress. */
  errors: ReadonlyMap<string, string>;
  refused: ReadonlyMap<string, CheckpointMisfit>;
  /** Whether this process feeds it. */
  feeds(generation: Generation): boolean;
  stop(): Promise<void>;
};

export function createSupervisor(options: EngineOptions, snapshot: Snapshot, context: Feed, lookAgain: () => void): Supervisor {
  const { pool, log, logger, process: self } = options;
  const leaseMs = options.leaseMs ?? 10_000;
  const models = new Map<string, ReadModel>(options.readModels.map((model) => [model.name, model]));
  const members = new Map<string, Member>();
  const groups = new Set<Group>();
  const waiting = new Map<string, { until: number; failures: number }>();
  const errors = new Map<string, string>();
  const refused = new Map<string, CheckpointMisfit>();
  let renewAt = 0;
  let stopping = false;

  const wait = (key: string, error: unknown) => {
    const failures = (waiting.get(key)?.failures ?? 0) + 1;
    const delay = Math.min(2_000, 50 * 2 ** failures) * (0.5 + Math.random() / 2);
    waiting.set(key, { until: Date.now() + delay, failures });
    errors.set(key, error instanceof Error ? error.message : String(error));
    setTimeout(lookAgain, delay).unref();
  };

  const events: GroupEvents = {
    onLeft(member, why, error) {
      const key = keyOf(member.generation);
      members.delete(key);
      if (why === 'failed') {
        logger.warn({ readModel: member.model.name, err: error }, 'a read model failed and will go on from its checkpoint');
        wait(key, error);
      }
      if (why === 'lost') lookAgain();
    },
    async onCaughtUp(of) {
      for (const member of of) {
        waiting.delete(keyOf(member.generation));
        errors.delete(keyOf(member.generation));
        if (snapshot.get(member.generation)?.state !== 'live') await switchTo(member);
      }
      if (groups.size > 1) lookAgain(); // groups at the head become one
    },
    onEnded(group, error) {
      groups.delete(group);
      for (const member of group.members) {
        members.delete(keyOf(member.generation));
        if (error !== undefined) wait(keyOf(member.generation), error);
      }
      if (error !== undefined) logger.warn({ err: error }, 'reading the log failed and is tried again');
      if (!stopping) lookAgain();
    },
  };

  async function switchTo(member: Member): Promise<void> {
    try {
      const outcome = await inTransaction(pool, (db) => switchOver(db, member.generation, self.id, () => log.head()));
      if (outcome !== 'switched') return;
      snapshot.switched(member.generation);
      logger.info({ readModel: member.model.name, version: member.generation.version, generation: member.generation.generation }, 'a read model was built and now serves');
      lookAgain();
    } catch (error) {
      logger.warn({ readModel: member.model.name, err: error }, 'the switch to a rebuilt read model failed and is tried again');
      setTimeout(lookAgain, 500).unref();
    }
  }

  async function takeUp(row: Generation): Promise<Member | undefined> {
    const model = models.get(row.name);
    if (!model) return undefined;
    const dead = row.owner !== undefined && row.owner !== self.id && self.isDead(row.owner) ? [row.owner] : [];
    if (row.owner !== undefined && row.owner !== self.id && row.leased && dead.length === 0) return undefined;
    let mine = await acquire(pool, row, self.id, leaseMs, dead);
    if (!mine) return undefined;
    const misfit = await checkpointMisfit(log, context.logId, mine);
    if (misfit) {
      refused.set(keyOf(row), misfit);
      errors.set(keyOf(row), misfit.message);
      return undefined;
    }
    refused.delete(keyOf(row));
    if (!mine.schemaMade && !await inTransaction(pool, (db) => makeSchema(db, row, self.id, model.schemaSql))) return undefined;
    // Another process paused it: this one may have the cure, so it tries once; if it fails, the pause is back.
    if (mine.paused && row.owner !== self.id) {
      await unpause(pool, mine, mine.paused.eventId);
      mine = { ...mine, paused: undefined };
    }
    return mine.paused ? undefined : createMember(model, mine);
  }

  async function look(): Promise<void> {
    if (options.feeds === 'nothing' || stopping) return;
    if (Date.now() >= renewAt) {
      await renewLeases(pool, self.id, leaseMs);
      renewAt = Date.now() + leaseMs / 3;
    }
    const taken: Member[] = [];
    for (const row of snapshot.all()) {
      const key = keyOf(row);
      if (members.has(key) || (waiting.get(key)?.until ?? 0) > Date.now() || (row.paused && row.owner === self.id)) continue;
      if (options.feeds === 'rebuilds' && row.state !== 'building') continue;
      if (refused.has(key) && row.owner === self.id) continue;
      try {
        const member = await takeUp(row);
        if (member) taken.push(member);
      } catch (error) {
        wait(key, error);
      }
    }
    if (taken.length > 0) await snapshot.refresh();
    for (const state of ['live', 'building'] as const) begin(taken.filter((member) => member.generation.state === state));
    for (const group of groups) {
      if (!group.caughtUp) continue;
      for (const member of group.members) if (snapshot.get(member.generation)?.state === 'building') await switchTo(member);
    }
    await mergeCaughtUp();
  }

  function begin(together: readonly Member[]): void {
    if (together.length === 0 || stopping) return;
    for (const member of together) members.set(keyOf(member.generation), member);
    groups.add(startGroup(log, context, together, events, { maxBatch: options.maxBatch ?? 5_000, readAhead: 1, storeEveryMs: options.storeEveryMs ?? 1_000 }));
  }

  /** Read models that follow the head share one reader: the groups stop at the end of a batch, and their members begin anew together. */
  async function mergeCaughtUp(): Promise<void> {
    const atHead = [...groups].filter((group) => group.caughtUp && [...group.members].every((member) => snapshot.get(member.generation)?.state === 'live'));
    if (atHead.length < 2) return;
    await Promise.all(atHead.map((group) => group.stop()));
    const together = atHead.flatMap((group) => [...group.members]);
    begin(together.filter((member) => !members.has(keyOf(member.generation)) && !waiting.has(keyOf(member.generation))));
  }

  return {
    look,
    errors,
    refused,
    feeds: (generation) => members.has(keyOf(generation)),
    async stop() {
      stopping = true;
      await Promise.all([...groups].map((group) => group.stop()));
      await releaseLeases(pool, self.id);
    },
  };
}
