import { setImmediate as breath } from 'node:timers/promises';
import type { BoardDoc } from '../../domain/board/index.ts';
import { docToJson } from '../../domain/board/svg.ts';

const shapesAtOnce = 500;

/** A board as one JSON text, made a few hundred shapes at a time: 100,000 of them in one go would hold up everybody's sockets. */
export async function jsonOfBoard(version: number, doc: BoardDoc): Promise<string> {
  const { pages, ...head } = docToJson(version, doc);
  const parts: string[] = [JSON.stringify(head).slice(0, -1), ',"pages":['];
  for (const [index, page] of pages.entries()) {
    const { shapes, ...rest } = page as { shapes: readonly object[] };
    parts.push(index === 0 ? '' : ',', JSON.stringify(rest).slice(0, -1), ',"shapes":[');
    for (let from = 0; from < shapes.length; from += shapesAtOnce) {
      const text = JSON.stringify(shapes.slice(from, from + shapesAtOnce));
      parts.push(from === 0 ? '' : ',', text.slice(1, -1));
      await breath();
    }
    parts.push(']}');
  }
  parts.push(']}');
  return parts.join('');
}
