import type { OpenRoom } from '../../client/index.ts';
import { createActions } from './actions.ts';
import { h } from './dom.ts';
import { createEasel, pageInWords } from './easel.ts';
import { createFollowing } from './follow.ts';
import { listenToKeys } from './keyboard.ts';
import { createCall } from './panels/call.ts';
import { showHelp } from './panels/help.ts';
import { createLayers } from './panels/layers.ts';
import { createNotices } from './panels/notices.ts';
import { createSide } from './panels/side.ts';
import { createPageBar, createToolBar } from './panels/toolBar.ts';
import { createTopBar } from './panels/topBar.ts';
import { createRights } from './rights.ts';

const goneWords: Readonly<Record<string, string>> = {
  kicked: 'You were taken out of this lesson.', forbidden: 'You are not in this lesson.', noSuchRoom: 'There is no such lesson.',
  unauthenticated: 'Your sign-in has run out: open the link of your lesson anew.',
  superseded: 'This board was opened anew in another place.', roomEnded: 'The lesson has ended.', protocolTooOld: 'This page is older than the server: load it again.',
};
const refusedWords: Readonly<Record<string, string>> = {
  forbidden: 'You may not do that on this board.', roomPaused: 'The lesson is paused: that was not kept.', roomNotStarted: 'The lesson has not begun: that was not kept.', drawingLocked: 'The board is locked: that was not kept.',
  roomEnded: 'The lesson is over: that was not kept.', notInRoom: 'You are not in this lesson any more: that was not kept.', shapeLocked: 'That is locked.', layerLocked: 'That layer is locked.', answeredUnheard: 'Something drawn while the connection broke was not kept.',
  tooManyShapes: 'The board is full.', tooManyPages: 'There are as many pages as there can be.', lastPage: 'A board has at least one page.', undoTooLarge: 'That is too large to be taken back.',
};

/** Puts the room on the page. */
export function mountRoom(into: HTMLElement, room: OpenRoom, title: string, gone: (why: string) => void): void {
  const { board, system, joined } = room;
  const notices = createNotices();
  const nameOf = (personId: string): string => system.people().get(personId)?.name || 'Somebody';
  const update = (): void => {
    if (!ready) return;
    toolBar.update();
    pageBar.update();
    layers.update();
    topBar.update();
    side.update();
    call.update();
  };
  let ready = false;
  let asked = false;
  const soon = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      update();
    });
  };

  const rights = createRights(room, soon);
  const easel = createEasel(room, rights, notices, nameOf, { changed: soon, looked: (camera) => { if (ready) { pageBar.looked(camera.zoom); following.looked(); } } });
  const actions = createActions(easel, room, notices, nameOf);
  const following = createFollowing(room, easel, notices, nameOf, soon);
  const toolBar = createToolBar(easel, actions);
  const layers = createLayers(easel, actions, rights.may);
  const pageBar = createPageBar(easel, actions, rights.may, layers.toggle);
  const call = createCall(room, rights, notices);
  const side = createSide(room, rights, notices, (count) => topBar.unread(count));
  const leave = (): void => {
    call.leave();
    void room.api.leave(room.roomId).catch(() => undefined).finally(() => {
      room.close();
      gone('You have left the lesson.');
    });
  };
  const topBar = createTopBar(room, rights, notices, { title, call: call.buttons, people: () => side.toggle('people'), chat: () => side.toggle('chat'), follow: following.toggleLead, isLeading: following.isLeading, leave });
  const waiting = h('div', { class: 'waiting', role: 'status', hidden: true }, h('p', {}, 'The teacher will let you in. Please wait.'), h('button', { type: 'button', class: 'plain', onclick: leave }, 'Leave'));

  into.replaceChildren(h('main', { class: 'room' }, easel.element, topBar.element, toolBar.tools, toolBar.look, pageBar.element, layers.element, call.tiles, side.element, waiting, notices.element));
  ready = true;

  listenToKeys(easel, actions, {
    raiseHand: () => { if (!rights.isHost()) system.raiseHand(system.people().get(joined.personId)?.handRaised !== true); },
    openChat: () => side.open('chat'),
    help: showHelp,
  });
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', () => easel.setDark(dark.matches));
  easel.setDark(dark.matches);
  void document.fonts.load('16px "DejaVu Sans"', 'aЖ').then(() => easel.redraw());
  window.addEventListener('online', () => room.nudge());
  document.addEventListener('visibilitychange', () => { if (!document.hidden) room.nudge(); });
  window.addEventListener('pagehide', () => easel.finishWriting());

  let hands = new Set<string>();
  let knocked = new Set<string>();
  /** Who waits reaches nothing behind the words that say so. */
  const wait = (): void => {
    const waits = system.people().get(joined.personId)?.waiting ?? joined.waiting;
    waiting.hidden = !waits;
    for (const part of waiting.parentElement?.children ?? []) if (part !== waiting && part !== notices.element) part.toggleAttribute('inert', waits);
  };
  wait();
  system.on('people', (people) => {
    soon();
    const up = new Set([...people.values()].filter(({ handRaised }) => handRaised).map(({ personId }) => personId));
    for (const id of up) if (!hands.has(id) && id !== joined.personId) notices.say(`${nameOf(id)} has a hand up.`);
    hands = up;
    const atDoor = new Set([...people.values()].filter(({ waiting: waits, name }) => waits && name !== '').map(({ personId }) => personId));
    if (rights.may('invite')) for (const id of atDoor) if (!knocked.has(id)) notices.show(`${nameOf(id)} waits to be let in.`, { action: { label: 'Let in', run: () => system.admit(id) } });
    knocked = atDoor;
    wait();
  });
  system.on('admit', ({ name }) => notices.say(`${name} was let in.`));
  system.on('notification', ({ text }) => notices.show(text));
  system.on('problem', ({ code, detail }) => notices.show(detail ?? refusedWords[code] ?? `That did not work (${code}).`));
  let told = '';
  board.on('dropped', ({ code }) => {
    if (code === 'noop' || code === 'outcomeUnheard' || code === told) return;
    told = code;
    setTimeout(() => { told = ''; }, 2_000);
    notices.show(refusedWords[code] ?? `The board did not take that (${code}).`);
  });
  board.on('problem', ({ code, detail }) => notices.show(detail ?? refusedWords[code] ?? `The board did not take that (${code}).`));
  board.on('welcome', soon);
  // Who comes to a board that is drawn on sees all of it, where what is at its beginning is out of the window.
  let arrived = false;
  const arrive = (): void => {
    if (arrived || !board.live()) return;
    arrived = true;
    notices.say(pageInWords(easel));
    easel.fitWhenOutside();
  };
  board.on('view', arrive);
  requestAnimationFrame(arrive);
  let isEnded = false;
  const ended = (state: { is: string; reason?: string }): void => {
    if (isEnded || state.is !== 'ended' || state.reason === undefined || state.reason === 'closed') return;
    isEnded = true; // every channel says so
    call.leave();
    if (state.reason === 'roomEnded') return notices.show(goneWords['roomEnded'] ?? '', { sticky: true });
    room.close();
    gone(goneWords[state.reason] ?? `The connection was closed (${state.reason}).`);
  };
  board.on('connection', ended);
  system.on('connection', ended);
  easel.tool('pen');
  update();
}
