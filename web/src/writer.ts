import type { Shape } from '../../client/index.ts';
import type { Camera } from './canvas/camera.ts';
import { fitted, openTextEditor, type TextEditor } from './canvas/textEditor.ts';
import { changes } from './tools/changes.ts';
import { sent } from './tools/figures.ts';
import type { Stage } from './tools/tool.ts';

type Written = Extract<Shape, { text: string }>;

/** The one text that is being written, and what becomes of it: on the board once the writing ends. */
export type Writer = {
  edit(shape: Written, isNew: boolean): void;
  /** The shape whose text is open. */
  editing(): string | undefined;
  /** @returns whether there was anything to finish */
  finish(): boolean;
  follow(camera: Camera): void;
};

export function createWriter(field: HTMLElement, stage: Stage, options: { isDark(): boolean; isSelecting(): boolean; changed(): void }): Writer {
  let editor: TextEditor | undefined;
  const keep = (shape: Written, text: string, isNew: boolean): void => {
    if (isNew) {
      if (text === '' && shape.type === 'text') return;
      if (stage.apply([{ op: 'shape.add', shape: sent(fitted(shape, text)) }]) === undefined) return;
      if (!options.isSelecting()) stage.tool('select');
      return stage.selection.set([shape.id]);
    }
    if (text === '' && shape.type === 'text') return void stage.apply([{ op: 'shape.delete', id: shape.id }]);
    const op = changes(shape, fitted(shape, text));
    if (op) stage.apply([op]);
  };
  const writer: Writer = {
    edit(shape, isNew) {
      writer.finish();
      editor = openTextEditor({
        shape, camera: stage.camera(), dark: options.isDark(), into: field,
        done(text) {
          editor = undefined;
          keep(shape, text, isNew);
          options.changed();
          field.focus({ preventScroll: true });
        },
      });
      options.changed();
      if (!isNew) stage.board.pointer({ page: stage.page(), x: shape.x, y: shape.y, editing: shape.id });
    },
    editing: () => editor?.editing(),
    finish() {
      const open = editor;
      open?.finish();
      return open !== undefined;
    },
    follow: (camera) => editor?.follow(camera),
  };
  return writer;
}
