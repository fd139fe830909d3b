import { DomainError } from '../../domain/kernel/domainError.ts';
import { group, type GroupCommand } from '../../domain/group/index.ts';
import type { Role } from '../../domain/kernel/fields.ts';
import { person, type PersonCommand } from '../../domain/person/index.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { checkZone } from '../wallTime.ts';
import type {
  AddGroupMember, ChangePerson, CreateGroup, DeactivatePerson, DirectoryAnswer, ReactivatePerson, RegisterPerson, RemoveGroupMember, RenameGroup,
} from './types.ts';

export type DirectoryCommands = ReturnType<typeof createDirectoryCommands>;

/** People, groups and who is in which. Refusals: `personNotFound`, `personExists`, `unknownTimeZone`, `groupNotFound`, `groupExists`, `unknownPerson`, `staleRevision`, `forbidden`. */
export function createDirectoryCommands({ pipeline }: { pipeline: Pipeline }) {
  const onPerson = async (command: PersonCommand, ctx: CommandContext, options: CommandOptions = {}): Promise<DirectoryAnswer> =>
    answer(await pipeline.execute(person, command.personId, command, ctx, options));
  const onGroup = async (command: GroupCommand, ctx: CommandContext, options: CommandOptions = {}): Promise<DirectoryAnswer> =>
    answer(await pipeline.execute(group, command.groupId, command, ctx, options));

  /** A manager neither makes an admin nor changes one: who somebody is, their own stream says, not a view that may lag. @throws DomainError `forbidden` */
  const mayTouch = async ({ actor }: CommandContext, personId: string, wanted?: Role): Promise<void> => {
    if (actor.role !== 'manager') return;
    const { state } = await pipeline.load(person, personId, { fresh: true });
    if (wanted === 'admin' || state.role === 'admin') throw new DomainError('forbidden', 'only an admin makes or changes admins');
  };

  return {
    /** @throws DomainError `forbidden`: an id that is chosen may be that of a token whose bearer the directory does not know yet; only an admin decides what they are. */
    async registerPerson({ personId, moodleUserId = '', zohoContactId = '', ...details }: RegisterPerson, ctx: CommandContext) {
      if (ctx.actor.role === 'manager' && (personId !== undefined || details.role === 'admin')) {
        throw new DomainError('forbidden', details.role === 'admin' ? 'only an admin makes or changes admins' : 'only an admin registers people under an id of their choice');
      }
      checkZone(details.timeZone);
      return onPerson({ type: 'register', personId: personId ?? deriveId(ctx.commandId, 'person'), ...details, moodleUserId, zohoContactId }, ctx);
    },
    async changePerson(input: ChangePerson, ctx: CommandContext, options?: CommandOptions) {
      if (input.timeZone !== undefined) checkZone(input.timeZone);
      await mayTouch(ctx, input.personId, input.role);
      return onPerson({ type: 'change', ...input }, ctx, options);
    },
    async deactivatePerson({ personId }: DeactivatePerson, ctx: CommandContext, options?: CommandOptions) {
      await mayTouch(ctx, personId);
      return onPerson({ type: 'deactivate', personId }, ctx, options);
    },
    async reactivatePerson({ personId }: ReactivatePerson, ctx: CommandContext, options?: CommandOptions) {
      await mayTouch(ctx, personId);
      return onPerson({ type: 'reactivate', personId }, ctx, options);
    },

    createGroup: ({ groupId, name }: CreateGroup, ctx: CommandContext) => onGroup({ type: 'create', groupId: groupId ?? deriveId(ctx.commandId, 'group'), name }, ctx),
    renameGroup: (input: RenameGroup, ctx: CommandContext, options?: CommandOptions) => onGroup({ type: 'rename', ...input }, ctx, options),
    async addGroupMember(input: AddGroupMember, ctx: CommandContext, options?: CommandOptions) {
      await mustBeActive(pipeline, input.personId);
      return onGroup({ type: 'addMember', ...input }, ctx, options);
    },
    removeGroupMember: (input: RemoveGroupMember, ctx: CommandContext, options?: CommandOptions) => onGroup({ type: 'removeMember', ...input }, ctx, options),
  };
}

const answer = ({ id, revision, position }: DirectoryAnswer): DirectoryAnswer => ({ id, revision, position });

async function mustBeActive(pipeline: Pipeline, personId: string): Promise<void> {
  if ((await pipeline.load(person, personId)).state.status === 'active') return;
  if ((await pipeline.load(person, personId, { fresh: true })).state.status === 'active') return;
  throw new DomainError('unknownPerson', 'there is no such active person', { personId });
}
