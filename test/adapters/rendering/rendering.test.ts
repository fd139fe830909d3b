import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { createPictureProcess, type PictureProcess } from '../../../src/adapters/rendering/pictureProcess.ts';
import { createRendering } from '../../../src/adapters/rendering/rendering.ts';

let pictures: PictureProcess;
beforeAll(() => { pictures = createPictureProcess({ most: 64 }); });
afterAll(() => pictures.close());
const rendering = () => createRendering(pictures);

const svg = (content: string, size = { width: 200, height: 60 }) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size.width}" height="${size.height}"><rect width="100%" height="100%" fill="white"/>${content}</svg>`;
const word = (text: string, font = 'Inter, Arial, sans-serif') => svg(`<text x="10" y="40" font-size="32" font-family="${font}">${text}</text>`);
const pixels = async (png: Buffer) => sharp(png).greyscale().raw().toBuffer();
const draw = async (text: string, font?: string) => pixels(await rendering().png(word(text, font)));
const ink = (grey: Buffer) => grey.filter((value) => value < 128).length;
const colourAt = async (png: Buffer, x: number, y: number) => [...await sharp(png).removeAlpha().extract({ left: x, top: y, width: 1, height: 1 }).raw().toBuffer()];

describe('text', () => {
  test('in Cyrillic is drawn in letters, not in boxes', async () => {
    const [greeting, boxes, nothing] = [await draw('Привіт'), await draw('\uE000\uE001\uE002\uE003\uE004\uE005'), await draw('')];
    expect(ink(nothing)).toBe(0);
    expect(ink(boxes)).toBeGreaterThan(100); // that is how a letter looks that no font has
    expect(ink(greeting)).toBeGreaterThan(100);
    expect(greeting.equals(boxes)).toBe(false);
    const box = await draw('\uE000');
    const letters = await Promise.all([...'ПривітҐґЇїЄєЁёЖжšñßőĄ'].map((letter) => draw(letter)));
    for (const letter of letters) {
      expect(ink(letter)).toBeGreaterThan(10);
      expect(letter.equals(box)).toBe(false);
    }
    expect(new Set(letters.map((letter) => letter.toString('base64'))).size).toBe(letters.length);
  });

  test('is the same to the byte in another process, and in families that no machine may have', async () => {
    const elsewhere = createPictureProcess();
    try {
      const [here, there] = [await rendering().png(word('Привіт, Łódź')), await createRendering(elsewhere).png(word('Привіт, Łódź'))];
      expect(here.equals(there)).toBe(true);
    } finally {
      await elsewhere.close();
    }
    expect((await draw('Привіт', 'No Such Font')).equals(await draw('Привіт', 'DejaVu Sans'))).toBe(true);
    expect((await draw('Привіт', 'DejaVu Sans Mono')).equals(await draw('Привіт', 'DejaVu Sans'))).toBe(false);
  });
});

describe('images', () => {
  const red = { create: { width: 30, height: 30, channels: 3 as const, background: { r: 255, g: 0, b: 0 } } };
  test.each(['png', 'jpeg', 'webp'] as const)('a %s is shown as a data: URI', async (format) => {
    const href = await rendering().imageForSvg(await sharp(red).toFormat(format).toBuffer());
    const [r = 0, g = 255, b = 255] = await colourAt(await rendering().png(svg(`<image x="10" y="10" width="30" height="30" href="${href}"/>`)), 20, 20);
    expect([r > 240, g < 20, b < 20]).toEqual([true, true, true]);
  });

  test('are made as small as they need to be', async () => {
    const href = await rendering().imageForSvg(await sharp({ create: { ...red.create, width: 3_000, height: 1_000 } }).png().toBuffer(), 600);
    expect(await sharp(Buffer.from(href.slice(href.indexOf(',') + 1), 'base64')).metadata()).toMatchObject({ width: 600, height: 200 });
  });

  test('of too many pixels are too much, alone or together', async () => {
    const of = async (width: number) => `<image href="data:image/png;base64,${(await sharp({ create: { ...red.create, width, height: width } }).png().toBuffer()).toString('base64')}"/>`;
    await expect(rendering().png(svg(await of(11_000)))).rejects.toMatchObject({ code: 'exportTooLarge' });
    await expect(rendering().png(svg((await of(6_000)).repeat(4)))).rejects.toMatchObject({ code: 'exportTooLarge' });
  });
});

describe('nothing outside of the SVG is looked at', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lectern-svg-'));
    await writeFile(join(folder, 'secret.png'), await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } }).png().toBuffer());
  });
  afterAll(() => rm(folder, { recursive: true }));

  const hidden = (path: string) => [...path].map((char) => `&#${char.charCodeAt(0)};`).join('');
  test.each([
    ['a path', () => `<image width="9" height="9" href="${folder}/secret.png"/>`],
    ['a path in the old spelling', () => `<image width="9" height="9" xlink:href='${folder}/secret.png'/>`],
    ['a path behind another image', () => `<image width="9" height="9" href="#a"/><g><image width="9" height="9"\n href = "${folder}/secret.png" /></g>`],
    ['a path in characters that are written out', () => `<image width="9" height="9" href="${hidden(`${folder}/secret.png`)}"/>`],
    ['a path behind a tag with a > in it', () => `<g id="a>b"><image width="9" height="9" href="${folder}/secret.png"/></g>`],
    ['a file:', () => `<image width="9" height="9" href="file://${folder}/secret.png"/>`],
    ['an address', () => '<image width="9" height="9" href="http://127.0.0.1:1/x.png"/>'],
    ['another SVG', () => `<image width="9" height="9" href="data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><image href="${folder}/secret.png"/></svg>`).toString('base64')}"/>`],
    ['a filter', () => `<filter id="f"><feImage href="${folder}/secret.png"/></filter>`],
    ['what only says that it is a PNG', () => `<image href="data:image/png;base64,${Buffer.from('<svg/>').toString('base64')}"/>`],
  ])('%s', async (_, content) => {
    await expect(rendering().png(svg(content()))).rejects.toMatchObject({ why: 'refused', message: expect.stringMatching(/leads outside|neither PNG nor JPEG/) });
  });

  test('an entity', async () => {
    await expect(rendering().png(`<!DOCTYPE svg [<!ENTITY x "y">]>${svg('<text>&x;</text>')}`)).rejects.toThrow('no element');
  });

  test('but people may write about it', async () => {
    const png = await rendering().png(svg(`<!-- href="/a" --><text x="5" y="30">&lt;image href="/etc/passwd"/> href="/x"</text><a href="#here"><rect width="3" height="3"/></a>`));
    expect(ink(await pixels(png))).toBeGreaterThan(100);
  });
});

describe('a picture', () => {
  test('that is too large is scaled down', async () => {
    const metadata = await sharp(await rendering().png(svg('', { width: 40_000, height: 10_000 }), { maxPixels: 1_000_000 })).metadata();
    expect([metadata.width! * metadata.height! <= 1_010_000, metadata.width! / metadata.height!]).toEqual([true, 4]);
  });

  test('of no SVG, or of too much text, is refused', async () => {
    await expect(rendering().png('<p>hello</p>')).rejects.toThrow();
    await expect(rendering().png('')).rejects.toThrow();
    await expect(rendering().png('x'.repeat(65 * 1024 * 1024))).rejects.toMatchObject({ code: 'exportTooLarge' });
    expect(ink(await draw('still here'))).toBeGreaterThan(100);
  });
});

test('the server itself loads neither decoder nor renderer', async () => {
  const modules = ['../../../src/adapters/roomImages/postgresRoomImages.ts', '../../../src/adapters/rendering/rendering.ts', '../../../src/adapters/rendering/pictureProcess.ts'];
  const script = `for (const one of ${JSON.stringify(modules.map((one) => new URL(one, import.meta.url).href))}) await import(one);
    process.report.excludeNetwork = true; console.log(process.report.getReport().sharedObjects.filter((one) => /sharp|vips|resvg/.test(one)).length)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('../../..', import.meta.url)) });
  expect(stdout.trim()).toBe('0');
});
