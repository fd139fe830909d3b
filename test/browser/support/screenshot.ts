import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { drag, startBrowser, visit } from './browser.ts';
import { startLessonServer } from './lessonServer.ts';

/* `npm run screenshot`: the page with two people drawing, for the README. `npm run screenshot -- folder` also puts there how it looks in dark and narrow. */
const image = fileURLToPath(new URL('../../../docs/images/room.png', import.meta.url));
const folder = process.argv[2];

const [server, browser] = await Promise.all([startLessonServer(), startBrowser()]);
try {
  const olena = await server.person('Olena Koval', 'teacher');
  const bohdan = await server.person('Bohdan Shevchenko', 'student');
  const sofiia = await server.person('Sofiia Melnyk', 'student');
  const roomId = await server.room(olena, 'Optics, 9 B', [bohdan, sofiia]);
  const wide = { viewport: { width: 1_280, height: 800 } };
  const [{ page: teacher }, { page: student }, { page: phone }] = [
    await visit(browser, server.address(roomId, olena), wide),
    await visit(browser, server.address(roomId, bohdan), { ...wide, colorScheme: 'dark' }),
    await visit(browser, server.address(roomId, sofiia), { viewport: { width: 400, height: 800 }, deviceScaleFactor: 2, hasTouch: true }),
  ];
  for (const page of [teacher, student, phone]) await page.getByText('Live', { exact: true }).waitFor();
  const tool = (name: string) => teacher.getByRole('button', { name, exact: true }).click();

  // Light meets glass.
  await tool('Rectangle');
  await tool('Blue fill');
  await drag(teacher, [[250, 400], [680, 610]]);
  await tool('Arrow');
  await tool('Orange');
  await drag(teacher, [[300, 215], [460, 400]]);
  await drag(teacher, [[460, 400], [555, 590]]);
  await tool('Line');
  await tool('Grey');
  await drag(teacher, [[460, 215], [460, 600]]);
  await tool('Text');
  await tool('Black');
  await teacher.mouse.click(250, 160);
  await teacher.keyboard.insertText('Заломлення світла — Snell’s law');
  await teacher.keyboard.press('Escape');
  await tool('Text');
  await teacher.mouse.click(300, 560);
  await teacher.keyboard.insertText('n₁ sin α = n₂ sin β');
  await teacher.keyboard.press('Escape');
  await tool('Sticky note');
  await teacher.mouse.click(820, 560);
  await teacher.keyboard.insertText('Домашнє завдання: § 12, задачі 3–5');
  await teacher.keyboard.press('Escape');
  await teacher.keyboard.press('Escape');

  await student.getByRole('button', { name: 'Red', exact: true }).click();
  const arc = Array.from({ length: 14 }, (_, i): [number, number] => [460 - Math.sin((i / 13) * 0.72) * 105, 400 - Math.cos((i / 13) * 0.72) * 105]);
  await drag(student, arc);
  await student.keyboard.press('t');
  await student.mouse.click(404, 268);
  await student.keyboard.insertText('α?');
  await student.keyboard.press('Escape');
  await student.keyboard.press('y');
  await student.getByRole('button', { name: 'Chat' }).click();
  await student.keyboard.insertText('Which of the two angles is α?');
  await student.keyboard.press('Enter');
  await student.keyboard.press('Escape');
  for (const page of [teacher, student]) await page.getByRole('button', { name: 'Join the call' }).click();
  await teacher.getByRole('button', { name: /^People/ }).click();
  await teacher.locator('.tile:not(.own) video').waitFor();
  await teacher.locator('.tile[data-state="connected"]').waitFor();
  await student.mouse.move(380, 318);
  await student.mouse.move(376, 322);
  await teacher.waitForTimeout(1_500);

  await mkdir(fileURLToPath(new URL('.', `file://${image}`)), { recursive: true });
  const small = await sharp(await teacher.screenshot()).png({ palette: true, quality: 90, effort: 10 }).toFile(image);
  console.log(`${image}: ${Math.round(small.size / 1_024)} KB`);
  if (folder !== undefined) {
    await student.screenshot({ path: `${folder}/dark.png` });
    await phone.screenshot({ path: `${folder}/narrow.png` });
    await phone.getByRole('button', { name: 'Chat' }).click();
    await phone.screenshot({ path: `${folder}/narrow-chat.png` });
  }
} finally {
  await browser.close();
  await server.stop();
}
