import { DomainError } from '../../domain/kernel/domainError.ts';
import { group, type GroupCommand } from '../../domain/group/index.ts';
import { person, type PersonCommand } from '../../domain/person/index.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type {
  AddGroupMember, ChangePerson, CreateGroup, DeactivatePerson, DirectoryAnswer, ReactivatePerson, RegisterPerson, RemoveGroupMember, RenameGroup,
} from './types.ts';

export type DirectoryCommands = ReturnType<typeof createDirectoryCommands>;

/** People, groups and who is in which. Refusals: `personNotFound`, `personExists`, `unknownTimeZone`, `groupNotFound`, `groupExists`, `unknownPerson`, `staleRevision`. */
export function createDirectoryCommands({ pipeline }: { pipeline: Pipeline }) {
  const onPerson = async (command: PersonCommand, ctx: CommandContext, options: CommandOptions = {}): Promise<DirectoryAnswer> =>
    answer(await pipeline.execute(person, command.personId, command, ctx, options));
  const onGroup = async (command: GroupCommand, ctx: CommandContext, options: CommandOptions = {}): Promise<DirectoryAnswer> =>
    answer(await pipeline.execute(group, command.groupId, command, ctx, options));

  return {
    registerPerson({ personId, moodleUserId = '', zohoContactId = '', ...details }: RegisterPerson, ctx: CommandContext) {
      checkZone(details.timeZone);
      return onPerson({ type: 'register', personId: personId ?? deriveId(ctx.commandId, 'person'), ...details, moodleUserId, zohoContactId }, ctx);
    },
    changePerson(input: ChangePerson, ctx: CommandContext, options?: CommandOptions) {
      if (input.timeZone !== undefined) checkZone(input.timeZone);
      return onPerson({ type: 'change', ...input }, ctx, options);
    },
    deactivatePerson: ({ personId }: DeactivatePerson, ctx: CommandContext, options?: CommandOptions) => onPerson({ type: 'deactivate', personId }, ctx, options),
    reactivatePerson: ({ personId }: ReactivatePerson, ctx: CommandContext, options?: CommandOptions) => onPerson({ type: 'reactivate', personId }, ctx, options),

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

function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw new DomainError('unknownTimeZone', 'this time zone is not known', { zone });
  }
}
