import { h } from '../dom.ts';
import { toolKeys } from '../keyboard.ts';

const rows: readonly (readonly [string, string])[] = [
  ['Enter', 'put the chosen figure on the board; edit the selected text'], ['Arrow keys', 'move what is selected, or the board'], ['Alt + arrow', 'select the next or previous shape'],
  ['Delete', 'delete what is selected'], ['Control + Z, Control + Shift + Z', 'undo, redo'], ['Control + D', 'duplicate'], ['[ and ]', 'to the back, to the front'],
  ['Page up, page down', 'turn the page'], ['+ and −, Control + 0', 'zoom, show everything'], ['Y', 'raise or lower the hand'], ['C', 'chat'], ['Space + drag', 'move the board'],
];

/** Every shortcut, in a dialog. */
export function showHelp(): void {
  const letters = Object.entries(toolKeys).map(([tool, key]) => `${key} ${tool}`).join(' · ');
  const close = h('button', { type: 'button', class: 'primary', onclick: () => dialog.close() }, 'Close');
  const dialog = h('dialog', { class: 'help', 'aria-label': 'Keyboard' }, h('h2', {}, 'Keyboard'), h('p', {}, `Tools: ${letters}`),
    h('dl', {}, ...rows.flatMap(([keys, what]) => [h('dt', {}, keys), h('dd', {}, what)])), close);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
