import type { ChannelState, OpenRoom } from '../../../client/index.ts';
import { h, iconButton } from '../dom.ts';
import type { Rights } from '../rights.ts';
import type { Notices } from './notices.ts';

export type TopBar = { element: HTMLElement; update(): void; unread(count: number): void };

const statusWords: Readonly<Record<string, string>> = { scheduled: 'Not started', waiting: 'Not started', active: 'Live', paused: 'Paused', completed: 'Over', terminated: 'Ended', expired: 'Not held' };
/** What takes longer than this to be safe is said so; what takes less would only flicker. */
const unsavedAfterMs = 800;

/** Title, state, what is not saved, hand, call, people, chat; for the host: start, pause, end. */
export function createTopBar(room: OpenRoom, rights: Rights, notices: Notices, parts: { title: string; call: HTMLElement; people(): void; chat(): void; follow(): void; isLeading(): boolean; leave(): void }): TopBar {
  const { api, board, system, roomId, joined } = room;
  const run = (what: Promise<unknown>): void => void what.catch((error: unknown) => notices.show(error instanceof Error ? error.message : 'That did not work.'));
  const status = h('span', { class: 'pill status' });
  const saved = h('span', { class: 'pill unsaved', role: 'status', hidden: true }, 'Not saved');
  const connection = h('span', { class: 'pill connection', role: 'status', hidden: true });
  const badge = h('span', { class: 'badge', hidden: true });
  const count = h('span', { class: 'badge quiet' });
  const hand = iconButton('raise', 'Raise hand', () => system.raiseHand(!isRaised()), { keys: 'Y', class: 'tool' });
  const start = h('button', { type: 'button', class: 'primary', onclick: () => run(api.start(roomId)) }, 'Start');
  const pause = h('button', { type: 'button', class: 'plain', onclick: () => run(system.status()?.status === 'paused' ? api.resume(roomId) : api.pause(roomId)) }, 'Pause');
  const end = h('button', { type: 'button', class: 'plain danger', onclick: () => { if (window.confirm('End the lesson for everybody?')) run(api.complete(roomId)); } }, 'End');
  const lead = iconButton('eye', 'Show everybody what I see', parts.follow, { class: 'tool' });
  const people = iconButton('people', 'People', parts.people, { class: 'tool' });
  people.append(count);
  const chat = iconButton('chat', 'Chat', parts.chat, { keys: 'C', class: 'tool' });
  chat.append(badge);
  const isRaised = (): boolean => system.people().get(joined.personId)?.handRaised === true;

  let timer: ReturnType<typeof setTimeout> | undefined;
  const showSaved = (unsaved: boolean): void => {
    if (!unsaved) {
      clearTimeout(timer);
      timer = undefined;
      saved.hidden = true;
    } else timer ??= setTimeout(() => { saved.hidden = false; }, unsavedAfterMs);
  };
  board.on('saving', ({ unsaved, held }) => showSaved(unsaved > 0 || held));
  const showConnection = (state: ChannelState): void => {
    const words = state.is === 'waiting' ? 'Reconnecting…' : state.is === 'ended' ? 'Disconnected' : state.is === 'open' ? '' : 'Connecting…';
    connection.hidden = words === '';
    connection.textContent = words;
    connection.classList.toggle('bad', state.is === 'ended');
  };
  board.on('connection', showConnection);
  showConnection(board.channel.state());
  window.addEventListener('beforeunload', (event) => { if (board.unsaved() > 0) event.preventDefault(); });

  return {
    element: h('header', { class: 'top' },
      h('div', { class: 'panel title' }, h('h1', {}, parts.title), status, saved, connection),
      h('div', { class: 'panel actions', role: 'group', 'aria-label': 'Lesson' }, start, pause, end, parts.call, hand, lead, people, chat, h('button', { type: 'button', class: 'plain', onclick: parts.leave }, 'Leave'))),
    unread(lines) {
      chat.setAttribute('aria-label', lines === 0 ? 'Chat' : `Chat, ${lines} unread`);
      badge.hidden = lines === 0;
      badge.textContent = String(Math.min(99, lines));
    },
    update() {
      const now = system.status()?.status ?? '';
      status.textContent = statusWords[now] ?? '';
      status.dataset['status'] = now;
      status.hidden = now === '';
      const host = rights.isHost();
      const running = now === 'active' || now === 'paused';
      start.hidden = !host || !(now === 'scheduled' || now === 'waiting');
      pause.hidden = !host || !running;
      pause.textContent = now === 'paused' ? 'Resume' : 'Pause';
      end.hidden = !host || !running;
      lead.hidden = !host;
      lead.setAttribute('aria-pressed', String(parts.isLeading()));
      hand.hidden = host;
      hand.setAttribute('aria-pressed', String(isRaised()));
      const here = [...system.people().values()].filter(({ status: is }) => ['joining', 'connected', 'reconnecting'].includes(is));
      count.textContent = String(here.length);
      people.setAttribute('aria-label', `People, ${here.length}`);
      people.classList.toggle('attention', host && here.some(({ waiting, handRaised }) => waiting || handRaised));
    },
  };
}
