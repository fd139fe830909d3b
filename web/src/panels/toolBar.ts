import type { Actions } from '../actions.ts';
import { h, iconButton, type Icon } from '../dom.ts';
import type { Easel } from '../easel.ts';
import { toolKeys } from '../keyboard.ts';
import type { ToolName } from '../tools/tool.ts';
import { words } from '../words.ts';

const tools: readonly (readonly [ToolName, string])[] = [
  ['select', 'Select'], ['hand', 'Move the board'], ['pen', 'Pen'], ['line', 'Line'], ['arrow', 'Arrow'], ['rectangle', 'Rectangle'], ['ellipse', 'Ellipse'],
  ['text', 'Text'], ['sticky', 'Sticky note'], ['eraser', 'Eraser'], ['laser', 'Laser pointer'],
];
const colors = [['#1f2430', 'Black'], ['#d6293e', 'Red'], ['#e8780c', 'Orange'], ['#e0b000', 'Yellow'], ['#1f9d55', 'Green'], ['#1c6fd9', 'Blue'], ['#7c3fd1', 'Violet'], ['#8a919e', 'Grey']] as const;
const fills = [['#ffe58f', 'Yellow'], ['#ffc9a9', 'Orange'], ['#c7f0c2', 'Green'], ['#bfe3ff', 'Blue'], ['#e3d0ff', 'Violet']] as const;
const widths = [[2, 'Thin'], [4, 'Medium'], [8, 'Thick'], [18, 'Marker']] as const;
const sizes = [[16, 'Small'], [24, 'Medium'], [40, 'Large'], [64, 'Huge']] as const;

/** Tools on one bar, what the chosen tool (or the selection) can be like on another. */
export function createToolBar(easel: Easel, actions: Actions): { tools: HTMLElement; look: HTMLElement; update(): void } {
  const buttons = new Map<ToolName, HTMLButtonElement>(tools.map(([name, label]) => [name, iconButton(name as Icon, label, () => easel.tool(name), { keys: toolKeys[name], class: 'tool', 'data-tool': name })]));
  const file = h('input', { type: 'file', accept: 'image/png,image/jpeg,image/webp', multiple: true, class: 'unseen', tabindex: -1, 'aria-hidden': 'true', onchange: () => {
    void actions.addImages([...(file.files ?? [])]);
    file.value = '';
  } });
  const bar = h('div', { class: 'panel tools', role: 'toolbar', 'aria-label': 'Tools', 'aria-orientation': 'vertical' },
    ...buttons.values(), iconButton('image', 'Picture', () => file.click(), { class: 'tool' }), file,
    h('hr'), iconButton('undo', 'Undo', actions.undo, { keys: 'Control+Z', class: 'tool' }), iconButton('redo', 'Redo', actions.redo, { keys: 'Control+Shift+Z', class: 'tool' }));
  // One stop for Tab; arrows go from tool to tool (WAI-ARIA, toolbar pattern).
  const stops = [...bar.querySelectorAll('button')];
  stops.forEach((stop, i) => { stop.tabIndex = i === 0 ? 0 : -1; });
  bar.addEventListener('keydown', (event) => {
    const at = stops.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = stops[(at + step + stops.length) % stops.length];
    for (const stop of stops) stop.tabIndex = stop === next ? 0 : -1;
    next?.focus();
  });

  const swatch = (color: string, label: string, on: () => void): HTMLButtonElement => {
    const button = h('button', { type: 'button', class: 'swatch', 'aria-label': label, title: label, onclick: on });
    button.style.setProperty('--ink', color);
    return button;
  };
  const choice = (label: string, content: Node | string, on: () => void): HTMLButtonElement => h('button', { type: 'button', class: 'choice', 'aria-label': label, title: label, onclick: on }, content);
  const group = (label: string, ...children: Node[]): HTMLElement => h('div', { class: 'group', role: 'group', 'aria-label': label }, ...children);
  const line = (width: number): HTMLElement => {
    const bar_ = h('span', { class: 'line' });
    bar_.style.height = `${Math.min(14, width)}px`;
    return bar_;
  };

  const colorButtons = colors.map(([color, label]) => [color, swatch(color, label, () => easel.setStyle({ color }))] as const);
  const fillButtons = [[undefined, swatch('transparent', 'No fill', () => easel.setStyle({ fill: undefined } as never))] as const, ...fills.map(([fill, label]) => [fill as string | undefined, swatch(fill, `${label} fill`, () => easel.setStyle({ fill }))] as const)];
  const widthButtons = widths.map(([width, label]) => [width, choice(label, line(width), () => easel.setStyle({ width }))] as const);
  const sizeButtons = sizes.map(([size, label]) => [size, choice(`${label} text`, { 16: 'S', 24: 'M', 40: 'L', 64: 'XL' }[size], () => easel.setStyle({ fontSize: size }))] as const);
  const whole = choice('Erase whole shapes', 'Whole', () => easel.setErasesWhole(true));
  const part = choice('Erase parts of strokes', 'Part', () => easel.setErasesWhole(false));
  const groups = {
    color: group('Colour', ...colorButtons.map(([, button]) => button)),
    width: group('Line width', ...widthButtons.map(([, button]) => button)),
    fill: group('Fill', ...fillButtons.map(([, button]) => button)),
    size: group('Text size', ...sizeButtons.map(([, button]) => button)),
    erase: group('Eraser', part, whole),
    selection: group('Selection',
      iconButton('copy', 'Duplicate', actions.duplicate, { keys: 'Control+D', class: 'choice' }), iconButton('front', 'To the front', actions.toFront, { keys: ']', class: 'choice' }),
      iconButton('back', 'To the back', actions.toBack, { keys: '[', class: 'choice' }), iconButton('trash', 'Delete', actions.delete, { keys: 'Delete', class: 'choice' })),
  };
  const look = h('div', { class: 'panel look', role: 'group', 'aria-label': 'Look' }, ...Object.values(groups));

  const press = (button: HTMLElement, on: boolean): void => button.setAttribute('aria-pressed', String(on));
  return {
    tools: bar, look,
    update() {
      const tool = easel.toolName();
      for (const [name, button] of buttons) press(button, name === tool);
      const types = new Set<string>(tool === 'select' ? easel.selection.shapes().map(({ type }) => type) : [tool === 'pen' ? 'stroke' : tool]);
      const any = (...of: string[]): boolean => of.some((type) => types.has(type));
      groups.color.hidden = !any('stroke', 'line', 'arrow', 'rectangle', 'ellipse', 'text');
      groups.width.hidden = !any('stroke', 'line', 'arrow', 'rectangle', 'ellipse');
      groups.fill.hidden = !any('rectangle', 'ellipse', 'sticky');
      groups.size.hidden = !any('text', 'sticky');
      groups.erase.hidden = tool !== 'eraser';
      groups.selection.hidden = tool !== 'select' || types.size === 0;
      look.hidden = Object.values(groups).every(({ hidden }) => hidden);
      const style = (tool === 'select' ? easel.selection.shapes()[0]?.style : undefined) ?? easel.style();
      for (const [color, button] of colorButtons) press(button, style.color === color);
      for (const [width, button] of widthButtons) press(button, style.width === width);
      for (const [fill, button] of fillButtons) press(button, style.fill === fill);
      for (const [size, button] of sizeButtons) press(button, (style.fontSize ?? 24) === size);
      press(whole, easel.erasesWhole());
      press(part, !easel.erasesWhole());
    },
  };
}

/** Zoom and pages, at the bottom. */
export function createPageBar(easel: Easel, actions: Actions, may: (name: string) => boolean, layers: () => void): { element: HTMLElement; update(): void; looked(zoom: number): void } {
  const zoom = h('button', { type: 'button', class: 'plain zoom', 'aria-label': 'Zoom: show everything', title: 'Show everything (Control+0)', onclick: () => easel.fit() }, '100 %');
  const title = h('button', { type: 'button', class: 'plain page-title', title: 'Rename the page', onclick: () => {
    const now = easel.doc().pages.find(({ id }) => id === easel.page())?.title ?? '';
    const next = may('addLayers') ? window.prompt('Title of the page', now)?.trim() : undefined;
    if (next !== undefined && next !== '' && next !== now) actions.renamePage(words(next, 200));
  } });
  const previous = iconButton('left', 'Previous page', () => actions.turnPage(-1), { keys: 'PageUp' });
  const next = iconButton('right', 'Next page', () => actions.turnPage(1), { keys: 'PageDown' });
  const add = iconButton('plus', 'New page', actions.addPage);
  const remove = iconButton('trash', 'Delete this page', () => { if (window.confirm('Delete this page and everything on it? Undo brings it back.')) actions.deletePage(); });
  const element = h('div', { class: 'panel pages', role: 'group', 'aria-label': 'Pages, layers and zoom' },
    previous, title, next, add, remove, iconButton('layers', 'Layers', layers), h('span', { class: 'gap' }), iconButton('minus', 'Smaller', () => easel.zoomBy(0.8), { keys: '-', class: 'narrow-off' }), zoom, iconButton('plus', 'Larger', () => easel.zoomBy(1.25), { keys: '+', class: 'narrow-off' }));
  return {
    element,
    looked: (factor) => { zoom.textContent = `${Math.round(factor * 100)} %`; },
    update() {
      const { pages } = easel.doc();
      const at = pages.findIndex(({ id }) => id === easel.page());
      const label = `${pages[at]?.title ?? ''}`;
      title.replaceChildren(h('span', { class: 'name' }, label), h('span', { class: 'count' }, `${at + 1} / ${pages.length}`));
      previous.disabled = at <= 0;
      next.disabled = at >= pages.length - 1;
      add.hidden = !may('addLayers');
      remove.hidden = pages.length < 2 || !may('deleteLayers');
    },
  };
}

