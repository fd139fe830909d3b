import { eventually } from '../support/eventually.ts';
import { drag } from './support/browser.ts';
import { choose, isRed, type Lesson } from './support/lesson.ts';

/** Who comes in, what they say to each other, and what is left when it is over. */
export function people(lesson: () => Lesson): void {
  it('keeps who comes in the waiting room until the teacher lets them in', async () => {
    const { server, olena, bohdan, at, enter } = lesson();
    const roomId = await server.room(olena, 'With a door', [bohdan], [], { settings: { waitingRoom: true } });
    const teacher = await enter(roomId, olena);
    const student = await at(server.address(roomId, bohdan));
    const words = student.page.getByText('The teacher will let you in.');
    await words.waitFor();
    expect(await student.page.locator('.easel').getAttribute('inert')).toBe('');
    await teacher.page.getByText('Bohdan Shevchenko waits to be let in.').waitFor();
    await choose(teacher.page, 'Let in');
    await words.waitFor({ state: 'hidden' });
    await choose(student.page, 'Red');
    await drag(student.page, [[300, 300], [500, 300]]);
    await isRed(teacher.page, 400, 300);
  });

  it('asks who is not invited for the access code, and takes only that', async () => {
    const { server, olena, sofiia, at } = lesson();
    const roomId = await server.room(olena, 'With a code', [], [], { accessCode: 'Prisma 7' });
    const { page } = await at(server.address(roomId, sofiia));
    const enterCode = async (code: string): Promise<void> => {
      await page.getByLabel('Access code').waitFor();
      await page.keyboard.insertText(code);
      await page.keyboard.press('Enter');
    };
    await enterCode('Prisma 8');
    await page.getByRole('alert').filter({ hasText: 'not the access code' }).waitFor();
    await enterCode('Prisma 7');
    await page.getByText('Live', { exact: true }).waitFor();
    expect((await server.ask(olena.token, 'GET', `/classroom/sessions/${roomId}/participants`)).body.items).toContainEqual(expect.objectContaining({ personId: sofiia.id, role: 'student' }));
  });

  it('carries chat as it was written and raised hands, and leaves its buttons alone while others draw', async () => {
    const { server, olena, bohdan, enter } = lesson();
    const roomId = await server.room(olena, 'Questions', [bohdan]);
    const [teacher, student] = await Promise.all([enter(roomId, olena), enter(roomId, bohdan)]);
    await student.page.keyboard.press('y');
    await teacher.page.getByRole('button', { name: /^People/ }).click();
    await teacher.page.getByRole('img', { name: 'has a hand up' }).waitFor();

    const kick = await teacher.page.getByRole('button', { name: 'Take Bohdan Shevchenko out' }).elementHandle();
    await choose(student.page, 'Red');
    await drag(student.page, [[300, 300], [500, 300]]);
    await isRed(teacher.page, 400, 300);
    expect(await kick!.evaluate((button) => button.isConnected)).toBe(true);

    await student.page.keyboard.press('y');
    await teacher.page.getByRole('img', { name: 'has a hand up' }).waitFor({ state: 'hidden' });
    const words = '<b>Чому</b> <img src=x onerror="document.title=1">?';
    await student.page.keyboard.press('c');
    await student.page.keyboard.insertText(words);
    await student.page.keyboard.press('Enter');
    await teacher.page.getByRole('button', { name: 'Chat, 1 unread' }).click();
    await teacher.page.getByRole('log').getByText(words, { exact: true }).waitFor();
    expect(await teacher.page.locator('.lines img, .lines b').count()).toBe(0);
    await teacher.page.keyboard.insertText('Тому що.');
    await teacher.page.keyboard.press('Enter');
    await student.page.getByRole('log').getByText('Тому що.').waitFor();
    expect([...teacher.complaints, ...student.complaints]).toEqual([]);
  });

  it('shows the board of a lesson that is over to whoever was in it, to be read', async () => {
    const { server, olena, bohdan, enter, boardOf } = lesson();
    const roomId = await server.room(olena, 'Over', [bohdan]);
    const [teacher, student] = await Promise.all([enter(roomId, olena), enter(roomId, bohdan)]);
    await choose(teacher.page, 'Red');
    await drag(teacher.page, [[300, 300], [500, 300]]);
    await isRed(student.page, 400, 300);
    teacher.page.once('dialog', (dialog) => void dialog.accept());
    await choose(teacher.page, 'End');
    await student.page.getByText('The lesson has ended.').waitFor();
    await drag(student.page, [[300, 400], [500, 400]]);
    await student.page.getByText('The lesson is over: the board can be read, not drawn on.').waitFor();

    await student.page.reload();
    await student.page.getByText('The lesson is over: the board can be read, not drawn on.').waitFor();
    await isRed(student.page, 400, 300);
    await student.page.keyboard.press('p');
    await drag(student.page, [[300, 400], [500, 400]]);
    await eventually(async () => (await boardOf(roomId)).version === 1);
    expect(student.complaints.filter((words) => !words.includes('409'))).toEqual([]);
  });
}
