/** The same font as in exported pictures: bundled, so that a text has the same lines everywhere. */
export const fontFamily = 'DejaVu Sans';
export const lineHeight = 1.25;

let measuring: CanvasRenderingContext2D | null = null;

/** @returns a text's width at a font size, in board units */
export function widthOf(text: string, fontSize: number): number {
  measuring ??= document.createElement('canvas').getContext('2d');
  if (!measuring) return text.length * fontSize * 0.6;
  measuring.font = `${fontSize}px "${fontFamily}"`;
  return measuring.measureText(text).width;
}

/** Lines no wider than `width`: broken at spaces, and within a word that is too long by itself. */
export function linesOf(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/(?<= )/)) {
      if (line !== '' && widthOf((line + word).trimEnd(), fontSize) > width) {
        lines.push(line.trimEnd());
        line = '';
      }
      line += word;
      while (line.length > 1 && widthOf(line.trimEnd(), fontSize) > width) {
        let fits = line.length - 1;
        while (fits > 1 && widthOf(line.slice(0, fits), fontSize) > width) fits--;
        lines.push(line.slice(0, fits));
        line = line.slice(fits);
      }
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/** The largest size up to `most` at which a text fits a sticky note. */
export function fittingSize(text: string, most: number, width: number, height: number): number {
  for (let size = most; size > 8; size -= 2) if (linesOf(text, size, width).length * size * lineHeight <= height) return size;
  return 8;
}
