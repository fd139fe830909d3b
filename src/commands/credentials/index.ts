import { credentials } from '../../domain/credentials/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Answer } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

/** Fields by name; the values go to the secrets table and nowhere else. */
export type StoreCredentials = { ref: string; fields: Readonly<Record<string, string>> };

export type CredentialsCommands = ReturnType<typeof createCredentialsCommands>;

export function createCredentialsCommands({ pipeline, secrets }: { pipeline: Pick<Pipeline, 'execute' | 'load'>; secrets: Pick<Secrets, 'put'> }) {
  return {
    /** Replaces the record as a whole. @throws DomainError `staleRevision`: nothing was replaced. The values first: an event about credentials that are not there would be a lie, the other way round a repeat mends. */
    async store({ ref, fields }: StoreCredentials, context: CommandContext, options: { ifMatch?: number } = {}): Promise<Answer & { fields: string[] }> {
      if (options.ifMatch !== undefined) {
        // Asked before anything is replaced; the append below asks again.
        const { revision } = await pipeline.load(credentials, ref, { fresh: true });
        if (revision !== options.ifMatch && context.mayBeRepeat !== true) throw new DomainError('staleRevision', `the credentials are at revision ${revision}, not ${options.ifMatch}`, { revision });
      }
      await secrets.put(ref, fields);
      const names = Object.keys(fields).sort();
      const { id, revision, position } = await pipeline.execute(credentials, ref, { type: 'stored', ref, fields: names }, context, options);
      return { id, revision, position, fields: names };
    },
  };
}
