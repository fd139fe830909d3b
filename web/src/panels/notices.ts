import { h } from '../dom.ts';

export type Notices = {
  element: HTMLElement;
  /** Shown for a few seconds, and read out. `sticky`: until it is dismissed. */
  show(text: string, options?: { sticky?: boolean; action?: { label: string; run(): void } }): void;
  /** Only read out. */
  say(text: string): void;
};

const shownMs = 5_000;
const most = 4;

export function createNotices(): Notices {
  const list = h('div', { class: 'notices' });
  const voice = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  return {
    element: h('div', {}, list, voice),
    show(text, { sticky = false, action } = {}) {
      const notice = h('div', { class: 'notice', role: 'alert' }, h('span', {}, text));
      if (action) notice.append(h('button', { type: 'button', class: 'plain', onclick: () => { notice.remove(); action.run(); } }, action.label));
      notice.append(h('button', { type: 'button', class: 'plain', 'aria-label': 'Dismiss', onclick: () => notice.remove() }, '×'));
      list.append(notice);
      while (list.childElementCount > most) list.firstElementChild?.remove();
      if (!sticky) setTimeout(() => notice.remove(), shownMs);
    },
    say: (text) => { voice.textContent = text; },
  };
}
