import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { drawing } from './drawing.ts';
import { people } from './people.ts';
import { callFacts, callIsUp, drag, pixel, startBrowser, type Visitor } from './support/browser.ts';
import { createLesson, isPaper, isRed, paper, type Lesson } from './support/lesson.ts';
import { startLessonServer, type LessonServer } from './support/lessonServer.ts';

describe('a lesson in the browser', () => {
  let server: LessonServer;
  let browser: Browser;
  let lesson: Lesson;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([startLessonServer(), startBrowser()]);
    const those = await Promise.all([server.person('Olena Koval', 'teacher'), server.person('Bohdan Shevchenko', 'student'), server.person('Sofiia Melnyk', 'student')]);
    lesson = createLesson(server, browser, those, visitors);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(visitors.splice(0).map((visitor) => visitor.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('shows each the strokes of the other, takes them back, and has them after loading the page anew', async () => {
    const { enter, boardOf, olena, bohdan } = lesson;
    const roomId = await server.room(olena, 'Optics', [bohdan]);
    const [teacher, student] = [await enter(roomId, olena), await enter(roomId, bohdan)];
    expect(await teacher.page.evaluate('location.hash')).toBe('');

    await teacher.page.getByRole('button', { name: 'Red', exact: true }).click();
    await drag(teacher.page, [[300, 300], [500, 300]]);
    await isRed(teacher.page, 400, 300);
    await isRed(student.page, 400, 300);
    await student.page.getByRole('button', { name: 'Red', exact: true }).click();
    await drag(student.page, [[300, 400], [500, 400]]);
    await isRed(teacher.page, 400, 400);
    await eventually(async () => (await boardOf(roomId)).version === 2);
    expect((await boardOf(roomId)).text).toContain(bohdan.id);

    await student.page.getByRole('button', { name: 'Undo' }).click();
    await isPaper(teacher.page, 400, 400);
    await isRed(teacher.page, 400, 300); // the other's stays
    await student.page.getByRole('button', { name: 'Redo' }).click();
    await isRed(teacher.page, 400, 400);

    await student.page.reload();
    await isRed(student.page, 400, 300);
    await isRed(student.page, 400, 400);
    expect(teacher.complaints).toEqual([]);
    expect(student.complaints).toEqual([]);
  });

  it('connects two by video through the signalling, shows a screen, obeys when a right is taken; a kick in mid-call ends it at the other', async () => {
    const { enter, olena, bohdan } = lesson;
    const roomId = await server.room(olena, 'A call', [bohdan]);
    const [teacher, student] = [await enter(roomId, olena), await enter(roomId, bohdan)];
    for (const { page } of [teacher, student]) await page.getByRole('button', { name: 'Join the call' }).click();
    await callIsUp([teacher, student], 20_000);
    expect(await teacher.page.locator('.tile').count()).toBe(2);

    // A headless browser has no screen to share: a picture of 640 by 360 stands in for it.
    await teacher.page.evaluate(`navigator.mediaDevices.getDisplayMedia = async () => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 360];
      const context = canvas.getContext('2d');
      setInterval(() => context.fillRect(Math.random() * 600, Math.random() * 300, 40, 40), 50);
      return canvas.captureStream(20);
    }`);
    const share = teacher.page.getByRole('button', { name: 'Share the screen' });
    const seen = student.page.locator('.tile:not(.own)');
    const widthSeen = () => seen.locator('video').evaluate((video) => (video as unknown as { videoWidth: number }).videoWidth);
    expect(await student.page.getByRole('button', { name: 'Share the screen' }).count()).toBe(0); // students may not
    await share.click();
    await eventually(async () => (await seen.getAttribute('class'))?.includes('screen') && (await widthSeen()) === 640);
    await share.click();
    await eventually(async () => !(await seen.getAttribute('class'))?.includes('screen') && (await widthSeen()) !== 640);

    // A right that is taken away is obeyed by the page itself: the picture goes from peer to peer.
    const sendsPicture = () => student.page.evaluate(`window.connections.flatMap((one) => one.getSenders()).some(({ track }) => track?.kind === 'video' && track.enabled)`);
    expect(await sendsPicture()).toBe(true);
    await server.ask(olena.token, 'POST', `/classroom/sessions/${roomId}/permissions`, { personId: bohdan.id, permissions: { toggleVideo: false } });
    await eventually(async () => !(await sendsPicture()));
    await teacher.page.locator('.tile:not(.own) video').waitFor({ state: 'hidden' });

    expect((await server.ask(olena.token, 'POST', `/classroom/sessions/${roomId}/kick/${bohdan.id}`, {})).status).toBe(200);
    await student.page.getByText('You were taken out of this lesson.').waitFor();
    await eventually(async () => (await callFacts(teacher.page)).states.every((state) => state === 'closed'));
    expect(await teacher.page.locator('.tile').count()).toBe(1);
    await student.page.reload();
    await student.page.getByRole('button', { name: 'Come back' }).waitFor();
  });

  it('lets a peer of another room reach nobody', async () => {
    const { enter, olena, bohdan, sofiia } = lesson;
    const [here, there] = [await server.room(olena, 'Here', [bohdan]), await server.room(olena, 'There', [sofiia])];
    const [student, stranger] = [await enter(here, bohdan), await enter(there, sofiia)];
    for (const { page } of [student, stranger]) await page.getByRole('button', { name: 'Join the call' }).click();
    // With a seat in the other room a ticket for this one is not to be had, and an offer to a peer that is not in one's room is refused.
    const answers = await stranger.page.evaluate(`(async () => {
      const token = sessionStorage.getItem('lectern.token');
      const ask = (room) => fetch('/api/v1/classroom/sessions/' + room + '/ticket', { method: 'POST', headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' }, body: JSON.stringify({ deviceId: 'other-device' }) });
      const refused = (await ask('${here}')).status;
      const { tickets } = await (await ask('${there}')).json();
      const open = (room) => new Promise((resolve) => {
        const heard = [];
        const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws/classroom/' + room + '/webrtc?ticket=' + tickets.webrtc, ['lectern.room.v1']);
        socket.onclose = ({ code }) => resolve(code);
        socket.onmessage = ({ data }) => resolve(JSON.parse(data).t);
        socket.onopen = () => socket.send(JSON.stringify({ t: 'join', d: { publish: true } }));
      });
      return { refused, close: await open('${here}') };
    })()`) as { refused: number; close: number | string };
    expect(answers.refused).toBeGreaterThanOrEqual(400);
    expect([4401, 4403]).toContain(answers.close);
    expect(await student.page.evaluate('window.connections.length')).toBe(0);
    expect(await stranger.page.evaluate('window.connections.length')).toBe(0);
  });

  it('refuses a viewer who draws, tells them why, and writes nothing', async () => {
    const { enter, boardOf, olena, sofiia } = lesson;
    const roomId = await server.room(olena, 'To watch', [], [sofiia]);
    const { page } = await enter(roomId, sofiia);
    await page.keyboard.press('p');
    await drag(page, [[300, 300], [500, 300]]);
    await page.getByText('You are watching: you cannot draw in this lesson.').waitFor();
    expect(await pixel(page, 400, 300)).toBe(paper);
    // Also when the page is not asked: the server refuses the group by itself.
    const codes = await page.evaluate(`(async () => {
      const token = sessionStorage.getItem('lectern.token');
      const answer = await fetch('/api/v1/classroom/sessions/${roomId}/ticket', { method: 'POST', headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' }, body: JSON.stringify({ deviceId: 'other-device' }) });
      const { tickets } = await answer.json();
      return new Promise((resolve) => {
        const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws/classroom/${roomId}/board?ticket=' + tickets.board, ['lectern.room.v1']);
        const shape = { id: 'sneaky', type: 'rectangle', page: 'page-1', layer: 'layer-1', x: 0, y: 0, width: 9, height: 9, rotation: 0, scale: 1, z: 'a1', locked: false, style: { color: '#112233', width: 1 } };
        socket.onopen = () => socket.send(JSON.stringify({ t: 'hello', d: { clientId: 'sneaky', lastVersion: 0 } }));
        socket.onmessage = ({ data }) => {
          const { t, d } = JSON.parse(data);
          if (t === 'welcome') socket.send(JSON.stringify({ t: 'ops', d: { seq: 1, gestureId: 'g', ops: [{ op: 'shape.add', shape }] } }));
          if (t === 'ack') resolve(d.rejected);
        };
        socket.onclose = ({ code }) => resolve(code);
      });
    })()`);
    expect(codes).toEqual([{ seq: 1, code: 'forbidden' }]);
    expect((await boardOf(roomId)).version).toBe(0);
  });

  it('can be used with the keyboard alone: enter, draw, move, write, take back, chat', async () => {
    const { at, boardOf, olena } = lesson;
    const roomId = await server.room(olena, 'By keyboard');
    const visitor = await at(`${server.url}/rooms/${roomId}`);
    const { page } = visitor;
    await page.getByLabel('Token').waitFor();
    await page.keyboard.insertText(olena.token);
    await page.keyboard.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();

    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('field');
    await page.keyboard.press('r');
    await page.keyboard.press('Enter');
    await page.keyboard.press('v');
    await eventually(async () => (await boardOf(roomId)).version === 1);
    await page.keyboard.press('Alt+ArrowRight');
    await page.getByRole('status').filter({ hasText: 'Rectangle by Olena Koval, 1 of 1.' }).waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowRight');
    await eventually(async () => (await boardOf(roomId)).version === 2);
    await page.keyboard.press('Control+z');
    await eventually(async () => (await boardOf(roomId)).version === 3);

    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.keyboard.press('Enter');
    await page.keyboard.insertText('Привіт');
    await page.keyboard.press('Escape');
    await eventually(async () => (await boardOf(roomId)).text.includes('Привіт'));
    // Control+Z of a Ukrainian keyboard: the key's place counts, where its letter is another.
    await page.evaluate(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'я', code: 'KeyZ', ctrlKey: true, bubbles: true, cancelable: true }))`);
    await eventually(async () => !(await boardOf(roomId)).text.includes('Привіт'));

    await page.keyboard.press('c');
    await page.keyboard.insertText('Hello everybody');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('Hello everybody').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  drawing(() => lesson);
  people(() => lesson);
});
