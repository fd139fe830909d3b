import type { OpenRoom, ParticipantView } from '../../../client/index.ts';
import { colorOf } from '../canvas/overlay.ts';
import { h, icon, iconButton } from '../dom.ts';
import type { Rights } from '../rights.ts';
import { words } from '../words.ts';
import type { Notices } from './notices.ts';

export type Side = { element: HTMLElement; open(tab: 'people' | 'chat'): void; toggle(tab: 'people' | 'chat'): void; update(): void };

const present = new Set(['joining', 'connected', 'reconnecting']);
const roleWords: Readonly<Record<string, string>> = { host: 'Teacher', solo: 'Teacher', student: 'Student', viewer: 'Viewer' };

export const initials = (name: string): string => name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]?.toUpperCase() ?? '').join('');
export function avatar(personId: string, name: string): HTMLElement {
  const element = h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name));
  element.style.setProperty('--ink', colorOf(personId));
  return element;
}

/** People and chat. `unread`: lines that came while the chat was not to be seen. */
export function createSide(room: OpenRoom, rights: Rights, notices: Notices, unread: (count: number) => void): Side {
  const { system, api, roomId, joined } = room;
  const run = (what: Promise<unknown>): void => void what.catch((error: unknown) => notices.show(error instanceof Error ? error.message : 'That did not work.'));
  const people = h('ul', { class: 'people', 'aria-label': 'People in this lesson' });
  const lines = h('ol', { class: 'lines', 'aria-label': 'Chat', role: 'log' });
  const text = h('input', { type: 'text', maxlength: 2_000, placeholder: 'Write to everybody', 'aria-label': 'Message', autocomplete: 'off' });
  const chat = h('div', { class: 'chat' }, lines, h('form', { onsubmit: (event: SubmitEvent) => {
    event.preventDefault();
    const said = words(text.value.trim(), 2_000);
    if (said === '') return;
    if (system.say(said)) text.value = '';
    else notices.show('There is no connection: your message was not sent.');
  } }, text, h('button', { type: 'submit', 'aria-label': 'Send' }, icon('send'))));
  const tab = (name: 'people' | 'chat', label: string): HTMLButtonElement => h('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'side-body', onclick: () => side.open(name) }, label);
  const tabs = { people: tab('people', 'People'), chat: tab('chat', 'Chat') };
  // The tabs are one stop for Tab, arrows go between them (WAI-ARIA, tabs pattern).
  for (const [name, other] of [['people', 'chat'], ['chat', 'people']] as const) {
    tabs[name].addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
      event.stopPropagation();
      side.open(other);
      tabs[other].focus();
    });
  }
  const body = h('div', { id: 'side-body', role: 'tabpanel' });
  const element = h('aside', { class: 'panel side', 'aria-label': 'People and chat', hidden: true },
    h('header', {}, h('div', { role: 'tablist' }, tabs.people, tabs.chat), iconButton('close', 'Close', () => { element.hidden = true; })), body);
  let now: 'people' | 'chat' = 'people';
  let seen = 0;

  const controls = (one: ParticipantView, roleOf: HTMLElement): HTMLElement | undefined => {
    if (one.waiting && rights.may('invite')) return h('span', { class: 'controls' }, h('button', { type: 'button', class: 'primary', onclick: () => system.admit(one.personId) }, 'Let in'));
    if (!rights.isHost() || one.personId === joined.personId) return undefined;
    const role = h('select', { 'aria-label': `Role of ${one.name}`, onchange: () => run(api.changeRole(roomId, one.personId, role.value as 'student')) },
      ...(['host', 'student', 'viewer'] as const).map((name) => h('option', { value: name, selected: one.role === name }, roleWords[name])));
    roleOf.replaceChildren(role);
    return h('span', { class: 'controls' },
      one.audio ? iconButton('microphone', `Ask ${one.name} to mute`, () => system.muteRequest('audio', one.personId)) : undefined,
      iconButton('close', `Take ${one.name} out of the lesson`, () => { if (window.confirm(`Take ${one.name} out of the lesson? They cannot come back unless they are invited again.`)) run(api.kick(roomId, one.personId)); }));
  };
  const row = (one: ParticipantView): HTMLElement => {
    const roleOf = h('span', { class: 'role' }, one.waiting ? 'waits to be let in' : one.status === 'reconnecting' ? 'reconnecting…' : (roleWords[one.role] ?? one.role));
    return h('li', { class: one.status === 'reconnecting' ? 'away' : '', 'data-person': one.personId }, avatar(one.personId, one.name),
      h('span', { class: 'who' }, h('span', { class: 'name' }, one.personId === joined.personId ? `${one.name} (you)` : one.name),
        roleOf),
      one.handRaised ? h('span', { class: 'raised', role: 'img', 'aria-label': 'has a hand up' }, icon('raise')) : undefined, controls(one, roleOf));
  };

  /** Rows stand until what they show is another: a button that is made anew with every stroke of others can be neither pressed nor focused. */
  const rows = new Map<string, { shows: string; element: HTMLElement }>();
  const rowOf = (one: ParticipantView): HTMLElement => {
    const shows = JSON.stringify([one, rights.isHost(), rights.may('invite')]);
    const known = rows.get(one.personId);
    if (known?.shows === shows) return known.element;
    const element = row(one);
    rows.set(one.personId, { shows, element });
    return element;
  };
  const showPeople = (): void => {
    const here = [...system.people().values()].filter(({ status, waiting }) => waiting || present.has(status));
    const rank = (one: ParticipantView): number => (one.waiting ? 0 : one.handRaised ? 1 : one.role === 'host' || one.role === 'solo' ? 2 : 3);
    here.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    tabs.people.textContent = `People ${here.length}`;
    // A menu that is open must not be pulled away under the hand.
    const focused = people.contains(document.activeElement) ? document.activeElement : undefined;
    if (focused instanceof HTMLSelectElement) return;
    const wanted = here.map(rowOf);
    if (wanted.length === people.childElementCount && wanted.every((element, i) => element === people.children[i])) return;
    people.replaceChildren(...wanted);
    for (const id of rows.keys()) if (!here.some(({ personId }) => personId === id)) rows.delete(id);
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
  };
  const showChat = (): void => {
    const said = system.chat();
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 60;
    lines.replaceChildren(...said.map(({ personId, name, text: line, at }, i) => h('li', { class: personId === joined.personId ? 'own' : '' },
      said[i - 1]?.personId === personId ? undefined : h('span', { class: 'by' }, name, ' ', h('time', { datetime: at }, new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }))),
      h('span', { class: 'words' }, line))));
    if (said.length === 0) lines.append(h('li', { class: 'empty' }, 'Nobody has written anything yet.'));
    if (atEnd) lines.scrollTop = lines.scrollHeight;
    if (!element.hidden && now === 'chat') seen = said.length;
    unread(Math.max(0, said.length - seen));
  };
  const side: Side = {
    element,
    open(tabName) {
      now = tabName;
      element.hidden = false;
      for (const [name, button] of Object.entries(tabs)) {
        button.setAttribute('aria-selected', String(name === tabName));
        button.tabIndex = name === tabName ? 0 : -1;
      }
      body.setAttribute('aria-labelledby', `tab-${tabName}`);
      body.replaceChildren(tabName === 'people' ? people : chat);
      if (tabName === 'chat') {
        showChat();
        lines.scrollTop = lines.scrollHeight;
        text.focus();
      }
    },
    toggle(tabName) {
      if (!element.hidden && now === tabName) element.hidden = true;
      else side.open(tabName);
    },
    update: showPeople,
  };
  system.on('people', showPeople);
  system.on('chat', showChat);
  people.addEventListener('focusout', () => setTimeout(showPeople)); // what waited for a menu to close
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    element.hidden = true;
    document.querySelector<HTMLElement>('.field')?.focus();
  });
  return side;
}
