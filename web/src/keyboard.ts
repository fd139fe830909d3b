import type { Actions } from './actions.ts';
import type { Easel } from './easel.ts';
import type { ToolName } from './tools/tool.ts';

export const toolKeys: Readonly<Record<ToolName, string>> = {
  select: 'V', hand: 'H', pen: 'P', line: 'L', arrow: 'A', rectangle: 'R', ellipse: 'O', text: 'T', sticky: 'N', eraser: 'E', laser: 'K',
};
const toolOf = new Map(Object.entries(toolKeys).map(([tool, key]) => [key.toLowerCase(), tool as ToolName]));

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
const arrows: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const step = 8;
const pan = 60;
/** Of a keyboard that writes other letters, as a Ukrainian one does, the key's place counts: Control+Я is Control+Z. */
const latin = ({ key, code }: KeyboardEvent): string => (key.length === 1 && key > '\u007f' ? (/^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? key) : key);
/** Words are marked somewhere on the page: copying is about those. */
const hasWords = (): boolean => getSelection()?.isCollapsed === false;

/** Shortcuts. Letters choose tools anywhere but in a field; the rest is for the board when it has the focus, so that Tab, Enter and arrows keep their meaning elsewhere. */
export function listenToKeys(easel: Easel, actions: Actions, more: { raiseHand(): void; openChat(): void; help(): void }): void {
  const onBoard = (): boolean => easel.element.contains(document.activeElement) || document.activeElement === document.body;

  const withControl = (event: KeyboardEvent): (() => void) | undefined => {
    switch (latin(event).toLowerCase()) {
      case 'z': return event.shiftKey ? actions.redo : actions.undo;
      case 'y': return actions.redo;
      case 'd': return actions.duplicate;
      case 'c': return easel.selection.ids().size > 0 && !hasWords() ? actions.copy : undefined;
      case 'a': return onBoard() ? actions.selectAll : undefined;
      case '0': return () => easel.fit();
      case '=': case '+': return () => easel.zoomBy(1.25);
      case '-': return () => easel.zoomBy(0.8);
      default: return undefined;
    }
  };
  const plain = (event: KeyboardEvent): (() => void) | undefined => {
    const arrow = arrows[event.key];
    if (arrow && onBoard()) {
      const [dx, dy] = arrow;
      if (event.altKey) return () => actions.selectNext(dx + dy > 0 ? 1 : -1);
      const far = event.shiftKey ? 5 : 1;
      if (easel.selection.ids().size > 0) return () => actions.nudge(dx * step * far, dy * step * far);
      const camera = easel.camera();
      return () => easel.look({ ...camera, x: camera.x + (dx * pan * far) / camera.zoom, y: camera.y + (dy * pan * far) / camera.zoom });
    }
    switch (latin(event)) {
      case 'Delete': case 'Backspace': return onBoard() ? actions.delete : undefined;
      case 'Escape': return () => { easel.selection.set([]); easel.tool('select'); };
      case 'PageDown': return () => actions.turnPage(1);
      case 'PageUp': return () => actions.turnPage(-1);
      case 'Enter': return onBoard() ? () => (easel.selection.ids().size > 0 ? easel.editSelected() : easel.insert()) : undefined;
      case ']': return actions.toFront;
      case '[': return actions.toBack;
      case '?': return more.help;
      case 'y': case 'Y': return more.raiseHand;
      case 'c': case 'C': return more.openChat;
      case '+': case '=': return () => easel.zoomBy(1.25);
      case '-': return () => easel.zoomBy(0.8);
      default: {
        const tool = event.altKey ? undefined : toolOf.get(latin(event).toLowerCase());
        return tool && (() => easel.tool(tool));
      }
    }
  };

  document.addEventListener('keydown', (event) => {
    if (writes(event.target) || document.querySelector('dialog[open]')) return;
    if (event.key === ' ' && onBoard()) {
      easel.spaceHeld = true;
      event.preventDefault();
      return;
    }
    const act = event.ctrlKey || event.metaKey ? withControl(event) : plain(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener('keyup', (event) => { if (event.key === ' ') easel.spaceHeld = false; });
  document.addEventListener('paste', (event) => {
    if (writes(event.target)) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) void actions.addImages(files);
    else actions.paste();
    event.preventDefault();
  });
  easel.element.addEventListener('dragover', (event) => event.preventDefault());
  easel.element.addEventListener('drop', (event) => {
    event.preventDefault();
    void actions.addImages([...(event.dataTransfer?.files ?? [])]);
  });
}
