import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { checkImage } from '../../../src/adapters/roomImages/checkImage.ts';
import { createPictureProcess, type PictureProcess } from '../../../src/adapters/rendering/pictureProcess.ts';

let pictures: PictureProcess;
beforeAll(() => { pictures = createPictureProcess(); });
afterAll(() => pictures.close());
const check = (bytes: Buffer) => checkImage(pictures, bytes);
/** Nothing may be decoded. */
const unopened = { run: () => Promise.reject(new Error('it was opened')) };

const red = { r: 255, g: 0, b: 0 };
const blue = { r: 0, g: 0, b: 255 };
const plain = (width = 40, height = 30) => sharp({ create: { width, height, channels: 3, background: red } });
/** Left half red, right half blue. */
const halves = () => plain(40, 20).composite([{ input: { create: { width: 20, height: 20, channels: 3, background: blue } }, left: 20, top: 0 }]);
const pixel = async (bytes: Buffer, x: number, y: number) => [...await sharp(bytes).removeAlpha().extract({ left: x, top: y, width: 1, height: 1 }).raw().toBuffer()];
const noise = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: red, noise: { type: 'gaussian', mean: 128, sigma: 60 } } });
const code = (wanted: string) => ({ name: 'DomainError', code: wanted });

describe('an image', () => {
  test.each([['png', 'image/png'], ['jpeg', 'image/jpeg'], ['webp', 'image/webp']] as const)('%s is known by its content, and named by what was written', async (format, mediaType) => {
    const upload = await plain().toFormat(format).toBuffer();
    const checked = await check(upload);
    expect(checked).toMatchObject({ mediaType, width: 40, height: 30, sha256: createHash('sha256').update(checked.bytes).digest('hex') });
    expect((await check(upload)).sha256).toBe(checked.sha256);
    expect(await sharp(checked.bytes).metadata()).toMatchObject({ format, width: 40, height: 30 });
  });

  test.each(['png', 'webp'] as const)('that was lossless (%s) keeps every pixel', async (format) => {
    const upload = await noise(50, 40).toFormat(format, { lossless: true }).toBuffer();
    const raw = (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer();
    expect((await raw((await check(upload)).bytes)).equals(await raw(upload))).toBe(true);
  });

  test('keeps its transparency', async () => {
    const { bytes } = await check(await sharp({ create: { width: 4, height: 4, channels: 4, background: { ...red, alpha: 0 } } }).png().toBuffer());
    expect([...await sharp(bytes).raw().toBuffer()].filter((_, i) => i % 4 === 3)).toEqual(Array<number>(16).fill(0));
  });

  test('loses its metadata, and is turned as it said there', async () => {
    const upload = await halves().withExif({ IFD0: { Artist: 'Olena Koval' }, IFD3: { GPSLatitude: '50/1 27/1 0/1' } }).withMetadata({ orientation: 6 }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
    expect(upload.includes('Exif')).toBe(true);
    const { bytes, width, height } = await check(upload);
    expect([width, height]).toEqual([20, 40]); // a quarter to the right: the red left half is on top now
    const [[topRed = 0], [bottomRed = 0]] = [await pixel(bytes, 10, 5), await pixel(bytes, 10, 35)];
    expect([topRed > 200, bottomRed < 60]).toEqual([true, true]);
    const metadata = await sharp(bytes).metadata();
    expect([metadata.exif, metadata.icc, metadata.xmp, metadata.orientation]).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('that moves is kept as its first picture', async () => {
    const frames = await Promise.all([red, blue].map((background) => sharp({ create: { width: 10, height: 10, channels: 3, background } }).png().toBuffer()));
    const upload = await sharp(frames, { join: { animated: true } }).webp({ lossless: true }).toBuffer();
    expect((await sharp(upload, { animated: true }).metadata()).pages).toBe(2);
    const { bytes, width, height } = await check(upload);
    expect([width, height, (await sharp(bytes, { animated: true }).metadata()).pages ?? 1, await pixel(bytes, 5, 5)]).toEqual([10, 10, 1, [255, 0, 0]]);
  });

  test('with something written behind it by a phone loses that', async () => {
    const { bytes } = await check(Buffer.concat([await plain().jpeg().toBuffer(), Buffer.from('<script>alert(1)</script>PK\u0003\u0004')]));
    expect([bytes.includes('script'), bytes.includes('PK\u0003\u0004')]).toEqual([false, false]);
  });
});

describe('refused as no image', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
  test.each([
    ['nothing', async () => Buffer.alloc(0)],
    ['SVG', async () => Buffer.from(svg)],
    ['HTML', async () => Buffer.from('<!doctype html><title>x</title>')],
    ['PDF', async () => Buffer.from('%PDF-1.7\n%%EOF')],
    ['GIF', () => plain().gif().toBuffer()],
    ['TIFF', () => plain().tiff().toBuffer()],
    ['AVIF', () => plain().avif().toBuffer()],
    ['a PNG that ends in the middle', async () => (await noise(60, 60).png().toBuffer()).subarray(0, -300)],
    ['a JPEG that ends in the middle', async () => (await noise(60, 60).jpeg().toBuffer()).subarray(0, -800)],
    ['a WebP that ends in the middle', async () => (await noise(60, 60).webp().toBuffer()).subarray(0, -300)],
    ['a PNG whose pixels are broken', async () => { const bytes = await noise(60, 60).png().toBuffer(); bytes.fill(0x55, 200, 600); return bytes; }],
    ['a PNG that is an archive, too', async () => Buffer.concat([await plain().png().toBuffer(), Buffer.from('PK\u0003\u0004')])],
    ['a WebP that is a page, too', async () => Buffer.concat([await plain().webp().toBuffer(), Buffer.from(svg)])],
    ['only the beginning of a JPEG', async () => Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
  ])('%s', async (_, upload) => {
    await expect(check(await upload())).rejects.toMatchObject(code('imageNotSupported'));
  });
});

describe('refused as too large, before a pixel is decoded', () => {
  const saying = async (width: number, height: number) => {
    const bytes = await plain().png().toBuffer();
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  };
  test.each([
    ['more than 10 MB', async () => Buffer.alloc(10 * 1024 * 1024 + 1)],
    ['49 megapixels in 150 KB', () => plain(7_000, 7_000).png().toBuffer()],
    ['a header of 100,000 by 100,000', () => saying(100_000, 100_000)],
    ['a line that is 20,000 long', () => saying(20_000, 1)],
  ])('%s', async (_, upload) => {
    await expect(checkImage(unopened, await upload())).rejects.toMatchObject(code('imageTooLarge'));
  });

  test('40 megapixels are not too large', async () => {
    expect(await check(await plain(8_000, 5_000).jpeg({ quality: 40 }).toBuffer())).toMatchObject({ width: 8_000, height: 5_000 });
  }, 30_000);

  test('pixels that its header did not speak of are not decoded', async () => {
    const sizeAt = (of: Buffer) => of.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    const [little, large] = [await plain(300, 300).jpeg().toBuffer(), await plain(3_000, 3_000).jpeg().toBuffer()];
    little.copy(large, sizeAt(large), sizeAt(little), sizeAt(little) + 4);
    expect(await check(large)).toMatchObject({ width: 300, height: 300 });
  });
});
