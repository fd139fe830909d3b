import type { Shape } from '../../../client/index.ts';
import { h } from '../dom.ts';
import { toScreen, type Camera } from './camera.ts';
import { inkOn } from './ink.ts';
import { defaultFontSize, stickyPadding } from './paint.ts';
import { words } from '../words.ts';
import { lineHeight, linesOf, widthOf } from './textLayout.ts';

type Written = Extract<Shape, { text: string }>;
export type TextEditor = { follow(camera: Camera): void; editing(): string | undefined; finish(): void };

const mostLetters = 5_000;
/** A line of a text longer than this, in board units, is broken. */
const widest = 900;

/** As large as its words need. */
export function fitted(shape: Written, text: string): Written {
  if (shape.type === 'sticky') return { ...shape, text };
  const size = shape.style.fontSize ?? defaultFontSize;
  const width = Math.min(widest, Math.ceil(Math.max(...text.split('\n').map((line) => widthOf(line, size)), 1)) + 2);
  return { ...shape, text, width, height: Math.ceil(linesOf(text, size, width).length * size * lineHeight) };
}

/** A field to write in, where the text will stand and in its size. Leaving it keeps what was written; Escape does too: nothing is ever lost. */
export function openTextEditor(options: { shape: Written; camera: Camera; dark: boolean; into: HTMLElement; done(text: string): void }): TextEditor {
  const { shape } = options;
  const field = h('textarea', { class: `writing ${shape.type}`, 'aria-label': shape.type === 'sticky' ? 'Text of the note' : 'Text', maxlength: mostLetters, spellcheck: 'true' });
  field.value = shape.text;
  let open = true;
  const finish = (): void => {
    if (!open) return;
    open = false;
    field.remove();
    options.done(words(field.value.replace(/\s+$/, ''), mostLetters));
  };
  let camera = options.camera;
  const place = (): void => {
    const at = toScreen(camera, shape);
    const size = shape.style.fontSize ?? defaultFontSize;
    const { width, height } = shape.type === 'sticky' ? shape : fitted(shape, field.value || ' ');
    const { style } = field;
    style.left = `${at.x}px`;
    style.top = `${at.y}px`;
    style.width = `${Math.max(width, shape.type === 'text' ? size * 4 : 0) + (shape.type === 'text' ? size : 0)}px`;
    style.height = `${height}px`;
    style.transform = `scale(${camera.zoom * shape.scale}) rotate(${shape.rotation}rad)`;
    style.fontSize = `${size}px`;
    style.lineHeight = String(lineHeight);
    style.color = shape.type === 'sticky' ? shape.style.color : inkOn(options.dark, shape.style.color);
    if (shape.type === 'sticky') {
      style.background = shape.style.fill ?? '#ffe58f';
      style.padding = `${stickyPadding}px`;
    }
  };
  field.addEventListener('input', place);
  field.addEventListener('blur', finish);
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      finish();
    }
  });
  options.into.append(field);
  place();
  field.focus();
  field.select();
  return {
    follow(next) {
      camera = next;
      place();
    },
    editing: () => (open ? shape.id : undefined),
    finish,
  };
}
