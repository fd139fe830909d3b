type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>;
type Child = Node | string | undefined | false;

/** An element: `on…` attributes are listeners, false and undefined ones are left out. No markup is ever parsed. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as (event: Event) => void);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** 24 × 24, drawn with the text's colour. */
const icons = {
  select: 'M5 3l14 8-6 2-2 6z', hand: 'M8 13V5.5a1.5 1.5 0 013 0V12m0-7.5a1.5 1.5 0 013 0V12m0-5.5a1.5 1.5 0 013 0V14c0 4-2 7-6 7-3 0-4.500-1.500-6-4.500L4.200 13.500a1.500 1.500 0 012.600-1.500L8 14',
  pen: 'M4 20l1-5L16 4l4 4L9 19zM13.500 6.500l4 4', line: 'M5 19L19 5', arrow: 'M5 19L19 5M10 5h9v9', rectangle: 'M4 6h16v12H4z', ellipse: 'M12 5c5 0 9 3 9 7s-4 7-9 7-9-3-9-7 4-7 9-7z',
  text: 'M5 6V4h14v2M12 4v16M9 20h6', sticky: 'M4 4h16v10l-6 6H4zM14 20v-6h6', image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01',
  eraser: 'M8 20h12M5 15l9-10 6 5-9 10H8z', laser: 'M4 20L14 10M15 4v3M20 9h-3M18.500 5.500l-2 2M11 5l1 1.500M19 14l-1.500-1',
  undo: 'M8 5L4 9l4 4M4 9h10a5 5 0 010 10h-3', redo: 'M16 5l4 4-4 4M20 9H10a5 5 0 000 10h3', trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13', copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  front: 'M5 19h14M12 15V4M7 9l5-5 5 5', back: 'M5 5h14M12 9v11M7 15l5 5 5-5', plus: 'M12 5v14M5 12h14', minus: 'M5 12h14', left: 'M15 5l-7 7 7 7', right: 'M9 5l7 7-7 7', close: 'M6 6l12 12M18 6L6 18',
  people: 'M9 11a3.500 3.500 0 100-7 3.500 3.500 0 000 7zM2.500 20c0-4 3-6 6.500-6s6.500 2 6.500 6M16 4.500a3.500 3.500 0 010 6.500M18 14.500c2.200.7 3.500 2.500 3.500 5.500', chat: 'M4 5h16v11h-9l-5 4v-4H4z',
  raise: 'M12 21c-4 0-6-3-6-6V8M6 12V6a1.500 1.500 0 013 0v5V4a1.500 1.500 0 013 0v7-6a1.500 1.500 0 013 0v7-4a1.500 1.500 0 013 0v7c0 4-2 6-6 6',
  microphone: 'M12 3a3 3 0 013 3v5a3 3 0 01-6 0V6a3 3 0 013-3zM6 11a6 6 0 0012 0M12 17v4', camera: 'M3 7h12v10H3zM15 11l6-3v8l-6-3', call: 'M4 5c0 8 7 15 15 15l1-4-4-2-2 2c-3-1-5-3-6-6l2-2-2-4z',
  layers: 'M12 3l9 5-9 5-9-5zM3 12l9 5 9-5M3 16l9 5 9-5', hidden: 'M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM4 4l16 16', lock: 'M6 11h12v9H6zM9 11V8a3 3 0 016 0v3', unlock: 'M6 11h12v9H6zM9 11V7a3 3 0 015.800-1', up: 'M6 15l6-6 6 6', down: 'M6 9l6 6 6-6', screen: 'M3 5h18v11H3zM8 20h8M12 16v4M12 13V8M9.500 10.500L12 8l2.500 2.500', eye: 'M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 15a3 3 0 100-6 3 3 0 000 6z', fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5', send: 'M4 12l16-8-6 16-3-7z', edit: 'M4 20l1-5L16 4l4 4L9 19z',
} as const;
export type Icon = keyof typeof icons;

export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', icons[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says its name. `keys`: its shortcut, said in the tooltip. */
export function iconButton(name: Icon, label: string, onclick: (event: MouseEvent) => void, more: Attributes & { keys?: string } = {}): HTMLButtonElement {
  const { keys, ...rest } = more;
  return h('button', { type: 'button', 'aria-label': label, title: keys === undefined ? label : `${label} (${keys})`, ...(keys === undefined ? {} : { 'aria-keyshortcuts': keys }), onclick, ...rest }, icon(name));
}
