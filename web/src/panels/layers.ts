import { countOn, pageAt, type Layer } from '../../../client/index.ts';
import type { Actions } from '../actions.ts';
import { h, iconButton } from '../dom.ts';
import type { Easel } from '../easel.ts';
import { words } from '../words.ts';

export type Layers = { element: HTMLElement; toggle(): void; update(): void };

/** The layers of the page, topmost first: which one is drawn on, which are seen, which are locked. Who may not change them chooses among them. */
export function createLayers(easel: Easel, actions: Actions, may: (name: string) => boolean): Layers {
  const list = h('ul', { class: 'layer-list', 'aria-label': 'Layers of this page' });
  const add = iconButton('plus', 'New layer', actions.addLayer);
  const element = h('section', { class: 'panel layers', 'aria-label': 'Layers', hidden: true },
    h('header', {}, h('h2', {}, 'Layers'), add, iconButton('close', 'Close layers', () => { element.hidden = true; })), list);
  let shown = '';

  const rename = ({ id, name }: Layer): void => {
    const next = window.prompt('Name of the layer', name)?.trim();
    if (next !== undefined && next !== '' && next !== name) actions.changeLayer(id, { name: words(next, 200) });
  };
  const remove = ({ id, name }: Layer): void => {
    const page = pageAt(easel.doc(), easel.page());
    const count = page ? countOn(easel.doc(), page, id) : 0;
    if (count === 0 || window.confirm(`Delete ${name} and ${count === 1 ? 'the shape' : `the ${count} shapes`} on it? Undo brings it back.`)) actions.deleteLayer(id);
  };
  /** `at`: from the top. */
  const row = (layer: Layer, at: number, count: number): HTMLElement => {
    const { id, name, visible, locked } = layer;
    const control = (button: HTMLButtonElement, does: string): HTMLButtonElement => {
      button.dataset['does'] = does;
      return button;
    };
    const choose = control(h('button', { type: 'button', class: 'plain name', 'aria-pressed': String(id === easel.layer()), disabled: !visible || locked, title: 'Draw on this layer', onclick: () => easel.chooseLayer(id) }, name), 'choose');
    return h('li', { 'data-layer': id }, choose,
      may('addLayers') && control(iconButton('edit', `Rename ${name}`, () => rename(layer)), 'rename'),
      may('addLayers') && control(iconButton(visible ? 'eye' : 'hidden', visible ? `Hide ${name}` : `Show ${name}`, () => actions.changeLayer(id, { visible: !visible })), 'visible'),
      may('addLayers') && control(iconButton(locked ? 'lock' : 'unlock', locked ? `Unlock ${name}` : `Lock ${name}`, () => actions.changeLayer(id, { locked: !locked })), 'locked'),
      may('reorderLayers') && count > 1 && control(iconButton('up', `Move ${name} up`, () => actions.moveLayer(id, 1), { disabled: at === 0 }), 'up'),
      may('reorderLayers') && count > 1 && control(iconButton('down', `Move ${name} down`, () => actions.moveLayer(id, -1), { disabled: at === count - 1 }), 'down'),
      may('deleteLayers') && count > 1 && control(iconButton('trash', `Delete ${name}`, () => remove(layer)), 'delete'));
  };
  const update = (): void => {
    if (element.hidden) return;
    const layers = (pageAt(easel.doc(), easel.page())?.layers ?? []).toReversed();
    const shows = JSON.stringify([layers, easel.layer(), may('addLayers'), may('reorderLayers'), may('deleteLayers')]);
    if (shows === shown) return;
    shown = shows;
    const { activeElement } = document;
    const had = list.contains(activeElement) && activeElement instanceof HTMLElement ? { id: activeElement.closest('li')?.dataset['layer'], does: activeElement.dataset['does'] } : undefined;
    list.replaceChildren(...layers.map((layer, at) => row(layer, at, layers.length)));
    add.hidden = !may('addLayers');
    if (had) list.querySelector<HTMLElement>(`[data-layer='${CSS.escape(had.id ?? '')}'] [data-does='${had.does}']`)?.focus();
  };
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    element.hidden = true;
    document.querySelector<HTMLElement>('.field')?.focus();
  });
  return {
    element, update,
    toggle() {
      element.hidden = !element.hidden;
      shown = '';
      update();
    },
  };
}
