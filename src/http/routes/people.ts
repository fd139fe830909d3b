import { z } from 'zod';
import type { DirectoryCommands } from '../../commands/directory/index.ts';
import { role } from '../../domain/kernel/fields.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { given, idField, idParams, ifMatchOf, zoneField } from './fields.ts';

export type DirectoryRouteDeps = {
  commands: DirectoryCommands;
  queries: Pick<DirectoryQueries, 'person' | 'people' | 'group' | 'groups' | 'members' | 'isMember'>;
};

export const directoryAnswer = z.strictObject({ id: z.string().max(200), revision: z.int(), position: z.string().max(200) }).meta({ id: 'Recorded' });

const foreignId = z.string().max(100);
const name = z.string().trim().min(1).max(200);
const email = z.email().max(254);

export const personSchema = z
  .strictObject({
    id: z.string().max(200), name: z.string().max(200), email: z.string().max(254), role, active: z.boolean(), timeZone: z.string().max(100),
    moodleUserId: foreignId, zohoContactId: foreignId, registeredAt: z.iso.datetime().nullable(), revision: z.int(),
  })
  .meta({ id: 'Person' });

const newPerson = z.strictObject({
  personId: idField.optional().describe('Default: a new one. Only admins choose one: it is what tokens name.'),
  name, email, role, timeZone: zoneField, moodleUserId: foreignId.optional(), zohoContactId: foreignId.optional(),
});
const personChanges = z
  .strictObject({ name: name.optional(), email: email.optional(), role: role.optional(), timeZone: zoneField.optional(), moodleUserId: foreignId.optional(), zohoContactId: foreignId.optional() })
  .refine((body) => Object.keys(body).length > 0, 'name what is to change');

const runs = ['admin', 'manager'] as const;
const sees = ['admin', 'manager', 'auditor'] as const;
const common = { tag: 'Directory', readModel: 'directory' } as const;
const byId = z.tuple([z.string()]);

export function peopleRoutes({ commands, queries }: DirectoryRouteDeps): Route[] {
  return [
    defineRoute({
      ...common, method: 'get', path: '/me', operationId: 'whoAmI', summary: 'The person behind the token', kind: 'query', access: 'authenticated', problems: [],
      response: { status: 200, schema: z.strictObject({ id: z.string().max(200), role, person: personSchema.nullable().describe('null for who is not in the directory.') }) },
      handler: async ({ actor }) => ({ body: { id: actor.id, role: actor.role, person: (await queries.person(actor.id)) ?? null } }),
    }),
    defineRoute({
      ...common, method: 'get', path: '/people', operationId: 'listPeople', summary: 'People, in order of id', kind: 'query', access: sees, problems: ['invalidCursor'],
      request: { query: z.strictObject({ ...pageQuery, role: role.optional(), active: z.stringbool().optional(), group: idField.optional(), email: z.string().min(3).max(254).optional() }) },
      response: { status: 200, schema: pageSchema(personSchema) },
      handler: async ({ query: { limit, cursor, ...filter } }) => {
        const rows = await queries.people(given(filter), { after: decodeCursor(cursor, byId)?.[0], limit: limit + 1 });
        return { body: pageOf(rows, limit, (person) => [person.id], (person) => person) };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/people/{id}', operationId: 'readPerson', summary: 'A person', kind: 'query', access: 'authenticated', problems: ['personNotFound'],
      description: 'Admins, managers and auditors see everyone, others themselves',
      request: { params: idParams },
      response: { status: 200, schema: personSchema },
      handler: async ({ params, actor }) => {
        if (actor.id !== params.id && !sees.some((allowed) => allowed === actor.role)) throw refusal('forbidden', 'You see yourself only.');
        const person = await queries.person(params.id);
        if (!person) throw refusal('personNotFound', 'There is no such person.');
        return { body: person, revision: person.revision };
      },
    }),
    defineRoute({
      ...common, method: 'post', path: '/people', operationId: 'registerPerson', summary: 'Register a person', kind: 'command', access: runs, description: 'Admins are made and changed by admins only',
      problems: ['personExists', 'unknownTimeZone'],
      request: { body: newPerson },
      response: { status: 201, schema: directoryAnswer },
      handler: async ({ body, command }) => {
        const { personId, moodleUserId, zohoContactId, ...rest } = body;
        const answer = await commands.registerPerson({ ...rest, ...given({ personId, moodleUserId, zohoContactId }) }, command);
        return { body: answer, headers: { Location: `/api/v1/people/${encodeURIComponent(answer.id)}` } };
      },
    }),
    defineRoute({
      ...common, method: 'patch', path: '/people/{id}', operationId: 'changePerson', summary: 'Change a person', kind: 'command', access: runs,
      problems: ['personNotFound', 'unknownTimeZone'],
      request: { params: idParams, body: personChanges },
      response: { status: 200, schema: directoryAnswer },
      handler: async ({ params, body, command, ...request }) => ({ body: await commands.changePerson({ personId: params.id, ...given(body) }, command, ifMatchOf(request)) }),
    }),
    ...(['deactivate', 'reactivate'] as const).map((verb) =>
      defineRoute({
        ...common, method: 'post', path: `/people/{id}/${verb}`, operationId: `${verb}Person`, kind: 'command', access: runs,
        summary: verb === 'deactivate' ? 'Deactivate a person: their tokens stop working' : 'Reactivate a person',
        problems: ['personNotFound'],
        request: { params: idParams },
        response: { status: 200, schema: directoryAnswer },
        handler: async ({ params, command, ...request }) => ({ body: await commands[`${verb}Person`]({ personId: params.id }, command, ifMatchOf(request)) }),
      })),
  ];
}
