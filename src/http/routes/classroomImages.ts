import { z } from 'zod';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, isEnded, isSeated, participantOf, permissionsOf, room } from '../../domain/room/index.ts';
import type { StoredImage } from '../../ports/roomImages.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Actor, type Route } from '../route.ts';
import { insiders, sessions, type ClassroomKit } from './classroomDeps.ts';
import { idField, idParams } from './fields.ts';

const hash = z.string().max(64).regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex');
const mostBytes = 10 * 1024 * 1024;
const uploaded = z.strictObject({
  id: z.string().max(200), revision: z.int(), position: z.string().max(200), sha256: hash, width: z.int(), height: z.int(), bytes: z.int(), mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp']),
});
const answer = { status: 200, schema: z.string().max(mostBytes * 2).meta({ format: 'binary' }), contentType: 'image/png', otherContentTypes: ['image/jpeg', 'image/webp'] };

/** Named by its content, so it never changes; and nothing in it is ever run. */
const sent = ({ bytes, mediaType, sha256 }: StoredImage) => ({
  body: bytes as unknown as string,
  headers: { 'Content-Type': mediaType, 'Cache-Control': 'private, max-age=31536000, immutable', ETag: `"${sha256}"`, 'Content-Security-Policy': 'sandbox', 'Content-Disposition': 'inline' },
});

/** Images for the board: uploaded into a room, then named by shapes on it. */
export function classroomImageRoutes({ pipeline, images, access }: ClassroomKit): Route[] {
  const noImage = () => refusal('imageNotFound', 'There is no such image in this room.');

  /** By the stream, as it is now. @throws DomainError `roomNotFound`, `roomEnded`, `notInRoom`, `forbidden` */
  const mustUpload = async (roomId: string, actor: Actor): Promise<number> => {
    const { state, revision } = await pipeline.load(room, roomId, { fresh: true });
    if (!exists(state)) throw refusal('roomNotFound', 'There is no such room.');
    if (isEnded(state)) throw refusal('roomEnded', 'This room has ended.');
    if (!isSeated(participantOf(state, actor.id))) throw refusal('notInRoom', 'Join the room first.');
    if (!permissionsOf(state, actor.id)?.uploadImages) throw refusal('forbidden', 'This needs the permission uploadImages.', { needs: 'uploadImages' });
    return revision;
  };
  /** Whether this person may see one of the rooms that use the image. */
  const seesOne = async (rooms: readonly string[], actor: Actor): Promise<boolean> => {
    for (const roomId of rooms) {
      try {
        await access.readable(roomId, actor);
        return true;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
      }
    }
    return false;
  };

  return [
    defineRoute({
      tag: 'Lesson rooms', kind: 'command', method: 'post', path: `${sessions}/{id}/images`, operationId: 'uploadRoomImage', summary: 'Bring an image into a room', access: insiders, roomToken: true,
      description: 'PNG, JPEG or WebP, judged by content, at most 10 MB and 40 megapixels. It is written anew, upright and without metadata, and named by its hash.',
      request: { params: idParams },
      rawBody: { contentTypes: ['image/png', 'image/jpeg', 'image/webp'], maxBytes: mostBytes },
      response: { status: 201, schema: uploaded },
      problems: ['roomNotFound', 'roomEnded', 'notInRoom', 'imageNotSupported', 'imageTooLarge', 'roomImagesFull'],
      handler: async ({ params, actor, raw }) => {
        const revision = await mustUpload(params.id, actor);
        const image = await images.check(raw);
        await images.put(params.id, actor.id, image);
        const { sha256, width, height, mediaType, bytes } = image;
        return { body: { id: params.id, revision, position: '', sha256, width, height, bytes: bytes.length, mediaType }, headers: { Location: `/api/v1${sessions}/${encodeURIComponent(params.id)}/images/${sha256}` } };
      },
    }),
    defineRoute({
      tag: 'Lesson rooms', kind: 'query', method: 'get', path: `${sessions}/{id}/images/{sha256}`, operationId: 'readRoomImage', summary: 'An image of a room', access: 'authenticated', roomToken: true,
      request: { params: z.strictObject({ id: idField, sha256: hash }) },
      response: answer, problems: ['roomNotFound', 'kickedOut', 'notInRoom', 'imageNotFound'],
      handler: async ({ params, actor }) => {
        await access.readable(params.id, actor);
        const rooms = await images.roomsOf(params.sha256);
        const image = rooms.includes(params.id) ? await images.get(params.sha256) : undefined;
        if (!image) throw noImage();
        return sent(image);
      },
    }),
    defineRoute({
      tag: 'Lesson rooms', kind: 'query', method: 'get', path: `${sessions}/images/{sha256}`, operationId: 'readImage', summary: 'An image by its name alone', access: 'authenticated',
      description: 'For who may read a room that uses it.',
      request: { params: z.strictObject({ sha256: hash }) },
      response: answer, problems: ['imageNotFound'],
      handler: async ({ params, actor }) => {
        const image = (await seesOne(await images.roomsOf(params.sha256), actor)) ? await images.get(params.sha256) : undefined;
        if (!image) throw noImage();
        return sent(image);
      },
    }),
  ];
}
