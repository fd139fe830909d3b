import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { eventually } from '../support/eventually.ts';
import { drag, pixel } from './support/browser.ts';
import { choose, isPaper, isRed, paper, red, type Lesson } from './support/lesson.ts';

/** The window's points are the board's, moved by (40, 80), until somebody moves or zooms. */
export function drawing(lesson: () => Lesson): void {
  const together = async (title: string) => {
    const { server, olena, bohdan, enter } = lesson();
    const roomId = await server.room(olena, title, [bohdan]);
    const [teacher, student] = await Promise.all([enter(roomId, olena), enter(roomId, bohdan)]);
    await choose(teacher.page, 'Red');
    return { roomId, teacher, student };
  };

  it('sizes, turns and duplicates a shape, and the other sees it so', async () => {
    const { roomId, teacher, student } = await together('Figures');
    const only = async () => (await lesson().boardOf(roomId)).pages[0]!.shapes;
    await teacher.page.keyboard.press('r');
    await drag(teacher.page, [[300, 300], [400, 360]]);
    await teacher.page.keyboard.press('v');
    await teacher.page.mouse.click(300, 330);
    await drag(teacher.page, [[400, 360], [500, 460]]);
    await eventually(async () => (await only())[0]?.height === 160);
    expect(await only()).toMatchObject([{ x: 260, y: 220, width: 200, height: 160, rotation: 0 }]);

    await drag(teacher.page, [[400, 272], [520, 380]]); // by the handle above it, a quarter to the right around (400, 380)
    await eventually(async () => Math.abs((await only())[0]!.rotation - Math.PI / 2) < 0.01);
    await isRed(student.page, 320, 380);
    await teacher.page.keyboard.press('Control+d');
    await eventually(async () => (await only()).length === 2);
    await isRed(student.page, 344, 404);
    await isRed(student.page, 320, 380);
    expect([...teacher.complaints, ...student.complaints]).toEqual([]);
  });

  it('has pages, which each turns alone, or all together with who leads', async () => {
    const { teacher, student } = await together('Pages');
    await choose(teacher.page, 'New page');
    await drag(teacher.page, [[300, 300], [500, 300]]);
    await isRed(teacher.page, 400, 300);
    await student.page.getByText('1 / 2', { exact: true }).waitFor();
    expect(await pixel(student.page, 400, 300)).toBe(paper);
    await student.page.keyboard.press('PageDown');
    await isRed(student.page, 400, 300);

    await choose(teacher.page, 'Show everybody what I see');
    await student.page.getByText('You see what Olena Koval sees.').waitFor();
    await teacher.page.keyboard.press('PageUp');
    await student.page.getByText('1 / 2', { exact: true }).waitFor();
    await isPaper(student.page, 400, 300);
  });

  it('has layers: drawn on, hidden, locked, moved, named, deleted', async () => {
    const { roomId, teacher: { page }, student } = await together('Layers');
    const layers = async () => (await lesson().boardOf(roomId)).pages[0]!.layers;
    await choose(page, 'Layers');
    await choose(page, 'New layer');
    await page.getByRole('button', { name: 'Layer 2', exact: true, pressed: true }).waitFor();
    await drag(page, [[200, 200], [400, 200]]);
    await isRed(student.page, 300, 200);
    const [, upper] = await layers();
    expect((await lesson().boardOf(roomId)).pages[0]!.shapes).toMatchObject([{ layer: upper!.id }]);

    await choose(page, 'Hide Layer 2');
    await isPaper(student.page, 300, 200);
    await choose(page, 'Show Layer 2');
    await isRed(student.page, 300, 200);
    await choose(page, 'Move Layer 2 down');
    await eventually(async () => (await layers()).map(({ name }) => name).join() === 'Layer 2,Layer 1');
    page.once('dialog', (dialog) => void dialog.accept('Sketch'));
    await choose(page, 'Rename Layer 2');
    await choose(page, 'Lock Sketch');
    await eventually(async () => (await layers()).some(({ name, locked }) => name === 'Sketch' && locked));
    await page.keyboard.press('Escape');
    await page.keyboard.press('v');
    await page.mouse.click(300, 200);
    await page.keyboard.press('Delete'); // what is on a locked layer stays
    await choose(page, 'Layers');
    await choose(page, 'Unlock Sketch');
    await isRed(student.page, 300, 200);
    page.once('dialog', (dialog) => void dialog.accept());
    await choose(page, 'Delete Sketch');
    await isPaper(student.page, 300, 200);
    expect((await layers()).map(({ name }) => name)).toEqual(['Layer 1']);
    // Who may not change layers chooses among them, and no more.
    await choose(student.page, 'Layers');
    await student.page.getByRole('button', { name: 'Layer 1', exact: true }).waitFor();
    expect(await student.page.locator('.layers li button').count()).toBe(1);
  });

  it('takes a picture, which the other fetches with a right of their own', async () => {
    const { teacher, student } = await together('A picture');
    const buffer = await sharp({ create: { width: 80, height: 60, channels: 3, background: red } }).png().toBuffer();
    await teacher.page.locator('input[type=file]').setInputFiles([{ name: 'red.png', mimeType: 'image/png', buffer }]);
    await isRed(student.page, 520, 360);
    await isRed(student.page, 480, 340);
    await isPaper(student.page, 560, 360);
    await teacher.page.locator('input[type=file]').setInputFiles([{ name: 'red.gif', mimeType: 'image/gif', buffer }]);
    await teacher.page.getByText('Only PNG, JPEG and WebP pictures').waitFor();
    expect([...teacher.complaints, ...student.complaints]).toEqual([]);
  });

  it('is used with fingers on a narrow screen: two zoom, one draws', async () => {
    const { server, olena, enter, boardOf } = lesson();
    const roomId = await server.room(olena, 'On a phone');
    const { page } = await enter(roomId, olena, { viewport: { width: 400, height: 700 }, hasTouch: true });
    const touch = await fingersOn(page);
    await touch('touchStart', [[150, 350]]); // the first finger comes before the second, and would draw
    await touch('touchStart', [[150, 350], [250, 350]]);
    await touch('touchMove', [[100, 350], [300, 350]]);
    await touch('touchEnd', []);
    await page.getByText('200 %', { exact: true }).waitFor();
    expect((await boardOf(roomId)).version).toBe(0);

    await choose(page, 'Red');
    await touch('touchStart', [[100, 300]]);
    for (let x = 120; x <= 300; x += 20) await touch('touchMove', [[x, 300]]);
    await touch('touchEnd', []);
    await isRed(page, 200, 300);
    await eventually(async () => (await boardOf(roomId)).version === 1);

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    const outside = await page.evaluate(`[...document.querySelectorAll('.pages button, .title, .tools, .actions')].filter((one) => one.checkVisibility()).filter((one) => { const { left, right } = one.getBoundingClientRect(); return left < 0 || right > 400; }).length`);
    expect(outside).toBe(0);
  });
}

/** Touches as the screen makes them: all fingers that lie on it after the event. */
async function fingersOn(page: Page) {
  const session = await page.context().newCDPSession(page);
  return (type: 'touchStart' | 'touchMove' | 'touchEnd', fingers: readonly (readonly [number, number])[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: fingers.map(([x, y], id) => ({ x, y, id })) });
}
