import { z } from 'zod';
import type { CredentialsCommands } from '../../commands/credentials/index.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { defineRoute, type Route } from '../route.ts';

export type CredentialsDeps = { commands: CredentialsCommands; secrets: Pick<Secrets, 'list'> };

/** Printable, without spaces: what vendors give out. */
const secretText = z.string().min(1).max(500).regex(/^[\x21-\x7e]+$/);
const zoomFields = z.strictObject({
  accountId: secretText, clientId: secretText, clientSecret: secretText,
  webhookSecret: secretText.optional().describe('Signs what arrives at /webhooks/zoom/{ref}.'),
});
const ref = z.string().min(1).max(100).regex(/^[a-z0-9][a-z0-9-]*$/).describe('Small letters, digits and hyphens.');
const fieldNames = z.array(z.string().max(100)).max(20);

/** Vendors' credentials go in here and never come out: what is listed are names. */
export function credentialsRoutes({ commands, secrets }: CredentialsDeps): Route[] {
  const common = { tag: 'Credentials', access: ['admin'] } as const;
  return [
    defineRoute({
      ...common, method: 'put', path: '/credentials/{ref}', operationId: 'storeCredentials', kind: 'command',
      summary: 'Stores or replaces the Zoom credentials of this name. They cannot be read again.',
      request: { params: z.strictObject({ ref }), body: zoomFields },
      response: { status: 200, schema: z.strictObject({ id: z.string().max(100), revision: z.int(), position: z.string().max(200), fields: fieldNames }) },
      problems: [],
      handler: async ({ params, body, command, ifMatch }) => {
        const fields = Object.fromEntries(Object.entries(body).filter((entry): entry is [string, string] => entry[1] !== undefined));
        return { body: await commands.store({ ref: params.ref, fields }, command, ifMatch === undefined ? {} : { ifMatch }) };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/credentials', operationId: 'listCredentials', kind: 'query', summary: 'Which credentials there are, by name.',
      request: { query: z.strictObject(pageQuery) },
      response: { status: 200, schema: pageSchema(z.strictObject({ ref: z.string().max(100), fields: fieldNames, updatedAt: z.iso.datetime() })) },
      problems: ['invalidCursor'],
      handler: async ({ query }) => {
        const [after = ''] = decodeCursor(query.cursor, z.tuple([z.string()])) ?? [];
        const rows = (await secrets.list()).filter((row) => row.ref > after).sort((a, b) => (a.ref < b.ref ? -1 : 1)).slice(0, query.limit + 1);
        return { body: pageOf(rows, query.limit, (row) => [row.ref], (row) => row) };
      },
    }),
  ];
}
