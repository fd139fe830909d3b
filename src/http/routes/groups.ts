import { z } from 'zod';
import { role } from '../../domain/kernel/fields.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Actor, type Route } from '../route.ts';
import { given, idField, idParams, ifMatchOf } from './fields.ts';
import { directoryAnswer, type DirectoryRouteDeps } from './people.ts';

const groupSchema = z
  .strictObject({ id: z.string().max(200), name: z.string().max(200), members: z.int(), createdAt: z.iso.datetime().nullable(), revision: z.int() })
  .meta({ id: 'Group' });
const memberSchema = z.strictObject({ personId: z.string().max(200), name: z.string().max(200), role, active: z.boolean(), since: z.iso.datetime().nullable() }).meta({ id: 'Member' });

const runs = ['admin', 'manager'] as const;
const common = { tag: 'Directory', readModel: 'directory' } as const;
const membership = z.strictObject({ id: idField, personId: idField });
const name = z.string().trim().min(1).max(200);
const byId = z.tuple([z.string()]);

export function groupRoutes({ commands, queries }: DirectoryRouteDeps): Route[] {
  /** Students see the groups that they are in. */
  const mustSee = async (actor: Actor, groupId: string): Promise<void> => {
    if (actor.role === 'student' && !(await queries.isMember(groupId, actor.id))) throw refusal('forbidden', 'You see your own groups only.');
  };

  return [
    defineRoute({
      ...common, method: 'get', path: '/groups', operationId: 'listGroups', summary: 'Groups, in order of id', kind: 'query', access: 'authenticated', problems: ['invalidCursor'],
      description: 'Students see their own',
      request: { query: z.strictObject({ ...pageQuery, member: idField.optional() }) },
      response: { status: 200, schema: pageSchema(groupSchema) },
      handler: async ({ query: { limit, cursor, member }, actor }) => {
        const ofMember = actor.role === 'student' ? actor.id : member;
        const rows = await queries.groups(given({ ofMember }), { after: decodeCursor(cursor, byId)?.[0], limit: limit + 1 });
        return { body: pageOf(rows, limit, (group) => [group.id], (group) => group) };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/groups/{id}', operationId: 'readGroup', summary: 'A group', kind: 'query', access: 'authenticated', problems: ['groupNotFound'],
      request: { params: idParams },
      response: { status: 200, schema: groupSchema },
      handler: async ({ params, actor }) => {
        await mustSee(actor, params.id);
        const group = await queries.group(params.id);
        if (!group) throw refusal('groupNotFound', 'There is no such group.');
        return { body: group, revision: group.revision };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/groups/{id}/members', operationId: 'listGroupMembers', summary: 'Who is in a group, in order of id', kind: 'query',
      access: ['admin', 'manager', 'teacher', 'auditor'], problems: ['groupNotFound', 'invalidCursor'],
      request: { params: idParams, query: z.strictObject(pageQuery) },
      response: { status: 200, schema: pageSchema(memberSchema) },
      handler: async ({ params, query: { limit, cursor } }) => {
        const rows = await queries.members(params.id, { after: decodeCursor(cursor, byId)?.[0], limit: limit + 1 });
        if (rows.length === 0 && !(await queries.group(params.id))) throw refusal('groupNotFound', 'There is no such group.');
        return { body: pageOf(rows, limit, (member) => [member.personId], (member) => member) };
      },
    }),
    defineRoute({
      ...common, method: 'post', path: '/groups', operationId: 'createGroup', summary: 'Create a group', kind: 'command', access: runs, problems: ['groupExists'],
      request: { body: z.strictObject({ groupId: idField.optional(), name }) },
      response: { status: 201, schema: directoryAnswer },
      handler: async ({ body, command }) => {
        const answer = await commands.createGroup({ name: body.name, ...given({ groupId: body.groupId }) }, command);
        return { body: answer, headers: { Location: `/api/v1/groups/${encodeURIComponent(answer.id)}` } };
      },
    }),
    defineRoute({
      ...common, method: 'patch', path: '/groups/{id}', operationId: 'renameGroup', summary: 'Rename a group', kind: 'command', access: runs, problems: ['groupNotFound'],
      request: { params: idParams, body: z.strictObject({ name }) },
      response: { status: 200, schema: directoryAnswer },
      handler: async ({ params, body, command, ...request }) => ({ body: await commands.renameGroup({ groupId: params.id, name: body.name }, command, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, method: 'put', path: '/groups/{id}/members/{personId}', operationId: 'addGroupMember', summary: 'Put a person into a group', kind: 'command', access: runs,
      problems: ['groupNotFound', 'unknownPerson'],
      request: { params: membership },
      response: { status: 200, schema: directoryAnswer },
      handler: async ({ params, command, ...request }) => ({ body: await commands.addGroupMember({ groupId: params.id, personId: params.personId }, command, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, method: 'delete', path: '/groups/{id}/members/{personId}', operationId: 'removeGroupMember', summary: 'Take a person out of a group', kind: 'command', access: runs,
      problems: ['groupNotFound'],
      request: { params: membership },
      response: { status: 200, schema: directoryAnswer },
      handler: async ({ params, command, ...request }) => ({ body: await commands.removeGroupMember({ groupId: params.id, personId: params.personId }, command, ifMatchOf(request)) }),
    }),
  ];
}
