import { classroomRoles, classroomRolesId } from '../../../domain/classroomRoles/index.ts';
import { DomainError } from '../../../domain/kernel/domainError.ts';
import { exists as lessonExists, lesson } from '../../../domain/lesson/index.ts';
import { person } from '../../../domain/person/index.ts';
import { exists, room, type By, type NewRoom, type RoomCommand, type RoomSettings, type RoomState, type RoomType } from '../../../domain/room/index.ts';
import { deriveId } from '../../../eventLog/ids.ts';
import type { Answer } from '../../answer.ts';
import type { CommandContext } from '../../pipeline/context.ts';
import { subcommand } from '../../subcommand.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { hashAccessCode } from './accessCode.ts';
import { byActor } from './by.ts';
import type { Decide, RoomDeps } from './deps.ts';

/** Times are RFC 3339. `accessCode`: in plain, kept only as a hash. `invite`: people who exist and are active. */
export type CreateRoom = {
  type: Exclude<RoomType, 'solo' | 'lesson'>; title: string; hostId: string; scheduledStart?: string; durationMinutes?: number;
  settings?: Partial<RoomSettings>; accessCode?: string; maxParticipants?: number; recorded?: boolean; invite?: readonly string[];
};
export type CreateSoloRoom = { title: string };
/** A room of its own with another's board as it was at `version`. */
export type ForkRoom = { roomId: string; version: number; type: 'solo' | 'group'; title?: string };

const minute = 60_000;
/** A room for one has no timetable: it lasts this long. */
const soloMinutes = 24 * 60;
/** Seats of a room when nobody says how many. */
const defaultSeats = 50;
export const defaultSettings: RoomSettings = { waitingRoom: false, hostAbsence: 'pause', chat: true };

/** Namespace of the ids of lessons' rooms. */
const roomsOfLessons = '3f0f6b5e-4f3c-5b52-9a3e-7a8d5e0c2b41';

/**
 * The room of a lesson; its name can be told without asking anybody. `generation`: from 1; a lesson that was missed and is held later
 * after all gets the next one, as a room that has ended stays so.
 */
export const roomOfLesson = (lessonId: string, generation = 1): string =>
  generation === 1 ? deriveId(roomsOfLessons, 'lesson', lessonId) : deriveId(roomsOfLessons, 'lesson', lessonId, generation);

export type Creating = ReturnType<typeof createCreating>;

export function createCreating({ pipeline, clock, door, boards, images }: RoomDeps, decide: Decide) {
  const now = () => clock.now().toISOString();

  const roles = async (): Promise<Pick<NewRoom, 'roles' | 'rolesRevision'>> => {
    const { state, revision } = await pipeline.load(classroomRoles, classroomRolesId, { fresh: true });
    return { roles: state, rolesRevision: revision };
  };

  /** The first event is anybody's: there is no owner before it. */
  const begin = async (command: Extract<RoomCommand, { type: 'create' | 'createSolo' }>, ctx: CommandContext): Promise<Answer> => {
    const { id, revision, position } = await pipeline.execute(room, command.room.roomId, command, ctx, { step: 'create', presumedNew: true });
    return { id, revision, position };
  };

  const blank = async (roomId: string, hostId: string, title: string): Promise<NewRoom> => ({
    roomId, title, lessonId: null, hostId, scheduledStart: now(), scheduledEnd: new Date(clock.now().getTime() + soloMinutes * minute).toISOString(),
    settings: defaultSettings, accessHash: null, maxParticipants: 1, recorded: false, ...(await roles()),
  });

  /** The newest room of a lesson, and the one that would come after it. The first is named also when it is not there yet. */
  const newestOf = async (lessonId: string): Promise<{ roomId: string; there: RoomState; next: string }> => {
    for (let generation = 1; ; generation += 1) {
      const [roomId, next] = [roomOfLesson(lessonId, generation), roomOfLesson(lessonId, generation + 1)];
      const { state: there } = await pipeline.load(room, roomId, { fresh: true });
      // Only after an expired one there is another.
      if (there.status !== 'expired' || !exists((await pipeline.load(room, next, { fresh: true })).state)) return { roomId, there, next };
    }
  };

  return {
    /** @throws DomainError `unknownPerson` (the host, somebody invited), `invalidRoom` */
    async create(input: CreateRoom, ctx: CommandContext): Promise<Answer> {
      const { type, title, hostId, durationMinutes = 60, settings, accessCode, maxParticipants = defaultSeats, recorded = false, invite = [] } = input;
      await mustBeActive(pipeline, hostId, ...invite);
      const scheduledStart = input.scheduledStart ?? now();
      const scheduledEnd = new Date(Date.parse(scheduledStart) + durationMinutes * minute).toISOString();
      const answer = await begin({
        type: 'create', roomType: type, by: byActor(ctx), at: now(),
        room: {
          roomId: deriveId(ctx.commandId, 'room'), title, lessonId: null, hostId, scheduledStart, scheduledEnd, settings: { ...defaultSettings, ...settings },
          accessHash: accessCode === undefined ? null : await hashAccessCode(accessCode), maxParticipants, recorded, ...(await roles()),
        },
      }, ctx);
      const others = invite.filter((personId) => personId !== hostId);
      if (others.length === 0) return answer;
      // Whoever creates a room invites to it, also when somebody else is its host.
      return door.execute(answer.id, { name: 'decide', input: { type: 'invite', personIds: others, role: 'student', by: system(ctx.actor.id), at: now() } }, subcommand(ctx, 'invite'));
    },

    /** For whoever asks, alone; begun at once. */
    createSolo: async ({ title }: CreateSoloRoom, ctx: CommandContext): Promise<Answer> =>
      begin({ type: 'createSolo', by: byActor(ctx), at: now(), room: await blank(deriveId(ctx.commandId, 'room'), ctx.actor.id, title) }, ctx),

    /** Whoever may take a board out may fork it: who calls has checked that. @throws DomainError `roomNotFound`, `boardVersionNotFound` */
    async fork({ roomId, version, type, title }: ForkRoom, ctx: CommandContext): Promise<Answer> {
      const { state: source } = await pipeline.load(room, roomId, { fresh: true });
      if (!exists(source)) throw noSuchRoom();
      const { sha256 } = await boards.keepBoard(roomId, version);
      const made = await blank(deriveId(ctx.commandId, 'room'), ctx.actor.id, title ?? `${source.title.slice(0, 180)} (copy)`);
      const fork: NewRoom = { ...made, forkedFrom: { roomId, version }, ...(type === 'group' && { maxParticipants: defaultSeats }) };
      const created = await begin(type === 'solo' ? { type: 'createSolo', by: byActor(ctx), at: now(), room: fork } : { type: 'create', roomType: 'group', by: byActor(ctx), at: now(), room: fork }, ctx);
      await images.share(roomId, created.id);
      return door.execute(created.id, { name: 'importBoard', input: { toVersion: version, blob: sha256 } }, subcommand(ctx, 'board'));
    },

    /**
     * Makes the room of a lesson what the lesson says: there while it is to come or live, at its time, with its teacher and its title;
     * gone when it was cancelled. A lesson whose room expired because nobody came, and that is still to be held, gets a new one.
     * Compares the streams, so once too often does no harm.
     */
    async syncLesson(lessonId: string, ctx: CommandContext): Promise<Answer | undefined> {
      const { state: planned } = await pipeline.load(lesson, lessonId, { fresh: true });
      if (!lessonExists(planned)) return undefined;
      const { roomId, there, next } = await newestOf(lessonId);
      const by = system(ctx.actor.id);
      const isHeldAfterAll = there.status === 'expired' && planned.status === 'scheduled' && Date.parse(planned.endsAt) > clock.now().getTime();
      if (!exists(there) || isHeldAfterAll) {
        if (planned.status !== 'scheduled' && planned.status !== 'live') return undefined;
        return begin({
          type: 'create', roomType: 'lesson', by, at: now(),
          room: {
            roomId: isHeldAfterAll ? next : roomId, title: planned.title, lessonId, hostId: planned.teacherId, scheduledStart: planned.startsAt, scheduledEnd: planned.endsAt, settings: defaultSettings,
            accessHash: null, maxParticipants: defaultSeats, recorded: planned.autoRecord, ...(await roles()),
          },
        }, ctx);
      }
      if (there.endedAt !== null) return undefined;
      const begun = there.startedAt !== null;
      let answer: Answer | undefined;
      const say = async (asked: Parameters<Decide>[1]) => { answer = await decide(roomId, asked, subcommand(ctx, asked.type)); };
      if (planned.status === 'cancelled') {
        await say(begun ? { type: 'terminate', reason: 'its lesson was cancelled' } : { type: 'expire', reason: 'its lesson was cancelled' });
        return answer;
      }
      if (planned.teacherId !== there.assignedHostId) await say({ type: 'setHost', hostId: planned.teacherId });
      if (planned.title !== there.title) await say({ type: 'updateSettings', title: planned.title });
      if (!begun && (planned.startsAt !== there.scheduledStart || planned.endsAt !== there.scheduledEnd)) {
        await say({ type: 'reschedule', scheduledStart: planned.startsAt, scheduledEnd: planned.endsAt });
      }
      return answer;
    },
  };
}

const system = (personId: string): By => ({ personId, authority: 'system' });
export const noSuchRoom = () => new DomainError('roomNotFound', 'there is no such room');

/** @throws DomainError `unknownPerson` */
export async function mustBeActive(pipeline: Pipeline, ...personIds: readonly string[]): Promise<void> {
  for (const personId of new Set(personIds)) {
    if ((await pipeline.load(person, personId)).state.status === 'active') continue;
    if ((await pipeline.load(person, personId, { fresh: true })).state.status === 'active') continue;
    throw new DomainError('unknownPerson', 'there is no such active person', { personId });
  }
}
