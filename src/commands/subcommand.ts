import { deriveId } from '../eventLog/ids.ts';
import type { CommandContext } from './pipeline/context.ts';

/** A command that another one gives: its steps are told apart from its parent's and its siblings', and a repeat of the parent repeats it. */
export const subcommand = (ctx: CommandContext, ...name: readonly (string | number)[]): CommandContext => ({
  ...ctx, commandId: deriveId(ctx.commandId, ...name), causationId: ctx.commandId,
});
