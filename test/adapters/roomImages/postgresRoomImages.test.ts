import { randomBytes } from 'node:crypto';
import { createRoomImages } from '../../../src/adapters/roomImages/postgresRoomImages.ts';
import type { CheckedImage } from '../../../src/ports/roomImages.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database.drop());

const store = (more: { mostPerRoom?: number } = {}) => createRoomImages({ pool: database.pool, pictures: { run: () => Promise.reject(new Error('nothing is decoded here')) }, ...more });
const image = (): CheckedImage => ({ bytes: randomBytes(5_000), mediaType: 'image/png', width: 10, height: 20, sha256: randomBytes(32).toString('hex') });

test('an image is kept once, to the byte, for every room that uses it', async () => {
  const images = store();
  const one = image();
  await images.put('r2', 'anna', one);
  await images.put('r1', 'ben', one);
  await images.put('r1', 'carl', one);
  const { storedAt, ...kept } = (await images.get(one.sha256))!;
  expect(kept).toEqual(one);
  expect(Date.parse(storedAt)).not.toBeNaN();
  expect(await images.roomsOf(one.sha256)).toEqual(['r1', 'r2']);
  expect((await database.pool.query(`select added_by from lectern.room_image_uses where sha256 = $1 order by room_id`, [one.sha256])).rows).toEqual([{ added_by: 'ben' }, { added_by: 'anna' }]);
});

test('there is none of another name', async () => {
  expect(await store().get('0'.repeat(64))).toBeUndefined();
  expect(await store().roomsOf('no name at all')).toEqual([]);
});

test('a room uses only so many, but what it uses already it may bring again', async () => {
  const images = store({ mostPerRoom: 2 });
  const [one, two, three] = [image(), image(), image()];
  await images.put('full', 'anna', one);
  await images.put('full', 'anna', two);
  await expect(images.put('full', 'anna', three)).rejects.toMatchObject({ code: 'roomImagesFull', details: { max: 2 } });
  expect(await images.roomsOf(three.sha256)).toEqual([]);
  await images.put('full', 'anna', one);
  await images.put('other', 'anna', three);
});

test('a fork uses what its room uses', async () => {
  const images = store();
  const [one, two] = [image(), image()];
  await images.put('origin', 'anna', one);
  await images.put('origin', 'anna', two);
  await images.put('fork', 'ben', two);
  await images.share('origin', 'fork');
  expect([await images.roomsOf(one.sha256), await images.roomsOf(two.sha256)]).toEqual([['fork', 'origin'], ['fork', 'origin']]);
});
