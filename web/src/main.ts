import { openEndedRoom, openRoom, Problem } from '../../client/index.ts';
import { mountRoom } from './app.ts';
import { h } from './dom.ts';
import { mountEnded } from './ended.ts';
import { deviceId, forgetToken, keepToken, roomOfAddress, tokenOfAddress } from './session.ts';
import './style.css';

const root = document.getElementById('root') ?? document.body;
const roomId = roomOfAddress();

const card = (...children: (Node | string)[]): HTMLElement => {
  const made = h('main', { class: 'door' }, h('div', { class: 'card' }, h('h1', {}, 'Lectern'), ...children));
  root.replaceChildren(made);
  return made;
};

/** Who comes without a token pastes one here: the start block of a server and `lectern token` print them. */
function askForToken(why?: string): void {
  const token = h('input', { type: 'password', id: 'token', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'why' });
  card(h('p', { id: 'why', role: why === undefined ? undefined : 'alert' }, why ?? 'Your school gave you a link or a token for this lesson.'),
    h('form', { onsubmit: (event: SubmitEvent) => {
      event.preventDefault();
      keepToken(token.value.trim());
      void enter(token.value.trim());
    } }, h('label', { for: 'token' }, 'Token'), token, h('button', { type: 'submit', class: 'primary' }, 'Enter the lesson')));
  token.focus();
}

function askForCode(token: string, why: string): void {
  const code = h('input', { type: 'text', id: 'code', required: true, autocomplete: 'off' });
  card(h('p', { role: 'alert' }, why), h('form', { onsubmit: (event: SubmitEvent) => {
    event.preventDefault();
    void enter(token, code.value.trim());
  } }, h('label', { for: 'code' }, 'Access code'), code, h('button', { type: 'submit', class: 'primary' }, 'Enter the lesson')));
  code.focus();
}

function sayGone(why: string): void {
  const back = h('button', { type: 'button', class: 'primary', onclick: () => location.reload() }, 'Come back');
  card(h('p', { role: 'status' }, why), back);
  back.focus();
}

/** @throws what opening the room threw, where there is nothing to read either */
async function read(token: string): Promise<void> {
  const ended = await openEndedRoom({ baseUrl: location.origin, roomId, token });
  document.title = `${ended.view.title} · Lectern`;
  mountEnded(root, ended);
}

async function enter(token: string, accessCode?: string): Promise<void> {
  card(h('p', { role: 'status' }, 'Entering the lesson…'));
  try {
    const room = await openRoom({ baseUrl: location.origin, roomId, token, deviceId: deviceId(), ...(accessCode === undefined ? {} : { accessCode }) });
    const { title } = await room.api.read(roomId).catch(() => ({ title: 'Lesson' }));
    document.title = `${title} · Lectern`;
    mountRoom(root, room, title, sayGone);
  } catch (error) {
    if (!(error instanceof Problem)) {
      sayGone('This page could not be opened in this browser.');
      throw error;
    }
    if (error.status === 401) {
      forgetToken();
      return askForToken('That token is not valid any more.');
    }
    if (error.code === 'accessCodeNeeded' || error.code === 'wrongAccessCode') return askForCode(token, error.message);
    if (error.code === 'roomEnded') return read(token).catch(() => sayGone(error.message));
    sayGone(error.message);
  }
}

const token = tokenOfAddress();
if (token === undefined) askForToken();
else void enter(token);
