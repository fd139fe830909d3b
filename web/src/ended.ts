import type { EndedRoom } from '../../client/index.ts';
import { createActions } from './actions.ts';
import { h } from './dom.ts';
import { createEasel, pageInWords } from './easel.ts';
import { listenToKeys } from './keyboard.ts';
import { showHelp } from './panels/help.ts';
import { createLayers } from './panels/layers.ts';
import { createNotices } from './panels/notices.ts';
import { createPageBar } from './panels/toolBar.ts';
import { overWords, type Rights } from './rights.ts';

/** Puts the board of a lesson that is over on the page: to look at, turn its pages, select and read, and nothing else. */
export function mountEnded(into: HTMLElement, room: EndedRoom): void {
  const notices = createNotices();
  const rights: Rights = { may: () => false, areKnown: () => true, mayEdit: () => false, isHost: () => false, whyNotDraw: () => overWords };
  let ready = false;
  const update = (): void => {
    if (!ready) return;
    pageBar.update();
    layers.update();
  };
  const easel = createEasel(room, rights, notices, room.nameOf, { changed: update, looked: ({ zoom }) => { if (ready) pageBar.looked(zoom); } });
  const actions = createActions(easel, room, notices, room.nameOf);
  const layers = createLayers(easel, actions, rights.may);
  const pageBar = createPageBar(easel, actions, rights.may, layers.toggle);
  ready = true;
  const top = h('header', { class: 'top' }, h('div', { class: 'panel title' }, h('h1', {}, room.view.title), h('span', { class: 'pill status', role: 'status' }, overWords)));
  into.replaceChildren(h('main', { class: 'room' }, easel.element, top, pageBar.element, layers.element, notices.element));
  listenToKeys(easel, actions, { raiseHand: () => undefined, openChat: () => undefined, help: showHelp });
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', () => easel.setDark(dark.matches));
  easel.setDark(dark.matches);
  easel.tool('hand');
  update();
  requestAnimationFrame(() => {
    easel.fitWhenOutside();
    notices.say(pageInWords(easel));
  });
}
