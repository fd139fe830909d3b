import type pg from 'pg';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { ImageType, RoomImages } from '../../ports/roomImages.ts';
import type { PictureProcess } from '../rendering/pictureProcess.ts';
import { checkImage } from './checkImage.ts';

export type RoomImagesOptions = {
  pool: pg.Pool;
  pictures: Pick<PictureProcess, 'run'>;
  /** Images that a room may use. Default 500. */
  mostPerRoom?: number;
};

/** Images in lectern.room_images, named by their content, and their uses in lectern.room_image_uses. */
export function createRoomImages({ pool, pictures, mostPerRoom = 500 }: RoomImagesOptions): RoomImages {
  return {
    check: (bytes) => checkImage(pictures, bytes),

    async put(roomId, by, { sha256, mediaType, width, height, bytes }) {
      // The image first: whoever sees a use finds it. One that is not used in the end is only space.
      await pool.query(
        'insert into lectern.room_images (sha256, media_type, width, height, content) values ($1, $2, $3, $4, $5) on conflict do nothing',
        [sha256, mediaType, width, height, bytes]);
      const { rows: [{ used } = { used: false }] } = await pool.query<{ used: boolean }>(
        `with added as (
           insert into lectern.room_image_uses (room_id, sha256, added_by)
           select $1, $2, $3 where (select count(*) from lectern.room_image_uses where room_id = $1) < $4
           on conflict do nothing returning 1
         )
         select exists (select from added) or exists (select from lectern.room_image_uses where room_id = $1 and sha256 = $2) as used`,
        [roomId, sha256, by, mostPerRoom]);
      if (!used) throw new DomainError('roomImagesFull', `A room uses at most ${mostPerRoom} images.`, { max: mostPerRoom });
    },

    async get(sha256) {
      const { rows: [row] } = await pool.query<{ mediaType: ImageType; width: number; height: number; content: Buffer; storedAt: Date }>(
        'select media_type as "mediaType", width, height, content, stored_at as "storedAt" from lectern.room_images where sha256 = $1', [sha256]);
      return row && { sha256, mediaType: row.mediaType, width: row.width, height: row.height, bytes: row.content, storedAt: row.storedAt.toISOString() };
    },

    async roomsOf(sha256) {
      const { rows } = await pool.query<{ room: string }>('select room_id as room from lectern.room_image_uses where sha256 = $1 order by room_id', [sha256]);
      return rows.map(({ room }) => room);
    },

    async share(from, to) {
      await pool.query(
        'insert into lectern.room_image_uses (room_id, sha256, added_by, added_at) select $2, sha256, added_by, added_at from lectern.room_image_uses where room_id = $1 on conflict do nothing',
        [from, to]);
    },
  };
}
