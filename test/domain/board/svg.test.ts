import { readFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { applyOps, docToJson, emptyDoc, imagesOn, pageBounds, pageToSvg, type BoardDoc, type Op, type SentShape } from '../../../src/domain/board/index.ts';
import { linesOf, widthOf } from '../../../src/domain/board/textLayout.ts';
import { anyOp, anyShape, rectangle, stroke } from './scribbles.ts';

const fontFile = 'node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf';
const drawing = { images: () => undefined, fontFamily: 'DejaVu Sans' };
const doc = (...shapes: SentShape[]): BoardDoc => applyOps(emptyDoc, shapes.map((shape): Op => ({ op: 'shape.add', shape })), { author: 'ada' });
const text = (id: string, words: string, more: object = {}) => ({ ...rectangle(id), type: 'text', width: 200, height: 30, text: words, ...more }) as SentShape;
const render = (svg: string) => new Resvg(svg, { font: { fontFiles: [fontFile], loadSystemFonts: false } }).render();
/** Whether there is ink of this colour in a box of the picture, in its own pixels. */
function hasInk(svg: string, [r, g, b]: [number, number, number], box?: { left: number; top: number; right: number; bottom: number }): boolean {
  const { pixels, width, height } = render(svg);
  const { left, top, right, bottom } = box ?? { left: 0, top: 0, right: width, bottom: height };
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y += 1) for (let x = Math.max(0, left); x < Math.min(width, right); x += 1) {
    const i = (y * width + x) * 4;
    if (pixels[i] === r && pixels[i + 1] === g && pixels[i + 2] === b) return true;
  }
  return false;
}

describe('a page as SVG', () => {
  it('is as large as what is on it, turned, scaled and moved', () => {
    expect(pageBounds(emptyDoc, 'page-1')).toEqual({ x: 0, y: 0, width: 800, height: 600 });
    expect(pageBounds(doc(rectangle('a', { x: 100, y: 50, style: { color: '#000000', width: 0 }, width: 10, height: 20 } as never)), 'page-1')).toEqual({ x: 80, y: 30, width: 50, height: 60 });
    const turned = pageBounds(doc(rectangle('a', { rotation: Math.PI / 2, scale: 2, style: { color: '#000000', width: 0 }, width: 10, height: 20 } as never)), 'page-1');
    expect([turned.x, turned.y, turned.width, turned.height].map(Math.round)).toEqual([-60, -20, 80, 60]);
  });

  it('escapes everything that people wrote, and drops what XML has no word for', () => {
    const svg = pageToSvg(doc(text('t', '</text><script>alert("1")</script> & \'x\' \u0001')), 'page-1', { ...drawing, fontFamily: '"><script>' });
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('\u0001');
    expect(svg).toContain('&#60;script&#62;');
    expect(() => render(svg)).not.toThrow();
  });

  it('draws every kind of shape where it is, in its colour', () => {
    const red = { color: '#ff0000', width: 4 };
    const kinds: SentShape[] = [
      stroke('s', [0, 0, 0.5, 0, 40, 0, 0.5, 8, 80, 0, 0.5, 8], { style: red }), stroke('p', [0, 0, 0.1, 0, 40, 0, 0.9, 8, 80, 0, 0.4, 8], { style: { ...red, width: 12 } }), stroke('dot', [5, 5, 1, 0], { style: red }),
      { ...rectangle('l'), type: 'line', style: red, to: { x: 80, y: 0 } } as never, { ...rectangle('a'), type: 'arrow', style: red, to: { x: 80, y: 0 } } as never,
      rectangle('r', { style: red, width: 40, height: 20 } as never), { ...rectangle('e'), type: 'ellipse', width: 40, height: 20, style: red } as never,
      text('t', 'Привіт', { style: red }), { ...rectangle('n'), type: 'sticky', width: 100, height: 60, text: 'Note', style: { ...red, fill: '#00ff00' } } as never,
    ];
    for (const shape of kinds) expect([shape.type, hasInk(pageToSvg(doc(shape), 'page-1', drawing), [255, 0, 0])]).toEqual([shape.type, true]);
    expect(hasInk(pageToSvg(doc(kinds.at(-1)!), 'page-1', drawing), [0, 255, 0])).toBe(true);
    // Pressure makes it thicker in the middle than at the ends: there is ink 5 units above the middle, none above the beginning.
    const pressed = pageToSvg(doc({ ...kinds[1]!, style: { color: '#ff0000', width: 20 } } as never), 'page-1', drawing);
    const { x, y } = pageBounds(doc({ ...kinds[1]!, style: { color: '#ff0000', width: 20 } } as never), 'page-1');
    const ink = (at: number) => hasInk(pressed, [255, 0, 0], { left: Math.round(at - x), right: Math.round(at - x) + 1, top: Math.round(-9 - y), bottom: Math.round(-8 - y) });
    expect([ink(1), ink(40)]).toEqual([false, true]);
  });

  it('shows images that are at hand, and a box for the others', () => {
    const image = { ...rectangle('i'), type: 'image', sha256: 'a'.repeat(64) } as never;
    expect(pageToSvg(doc(image), 'page-1', { ...drawing, images: (sha256) => `data:image/png;base64,${sha256.slice(0, 4)}` })).toContain('href="data:image/png;base64,aaaa"');
    expect(pageToSvg(doc(image), 'page-1', drawing)).not.toContain('href');
    expect(imagesOn(doc(image, rectangle('r')))).toEqual(['a'.repeat(64)]);
  });

  it('is the same text for the same board, and a picture for any', () => {
    fc.assert(fc.property(fc.array(anyOp(), { maxLength: 30 }), (ops) => {
      const board = applyOps(emptyDoc, ops, { author: 'ada' });
      for (const page of board.pages) {
        const svg = pageToSvg(board, page.id, drawing);
        expect(pageToSvg(applyOps(emptyDoc, ops, { author: 'ada' }), page.id, drawing)).toBe(svg);
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        render(svg);
      }
    }), { numRuns: 60 });
    fc.assert(fc.property(anyShape(), (shape) => { render(pageToSvg(doc(shape), 'page-1', drawing)); }), { numRuns: 60 });
  });

  it('as JSON has every page and shape, hidden ones too', () => {
    const board = applyOps(doc(rectangle('b', { z: 'a1' }), rectangle('a')), [{ op: 'layer.update', page: 'page-1', id: 'layer-1', set: { visible: false } }], { author: 'ada' });
    expect(pageToSvg(board, 'page-1', drawing)).not.toContain('<g');
    expect(docToJson(3, board)).toMatchObject({ format: 'lectern.board', version: 3, pages: [{ id: 'page-1', layers: [{ visible: false }], shapes: [{ id: 'a', author: 'ada' }, { id: 'b' }] }] });
  });
});

describe('text', () => {
  it('is as wide as the bundled font says', () => {
    const font = readFileSync(fontFile);
    const tables = new Map(Array.from({ length: font.readUInt16BE(4) }, (_, i) => [font.toString('latin1', 12 + 16 * i, 16 + 16 * i), font.readUInt32BE(20 + 16 * i)]));
    const [cmap, hmtx, hhea] = [tables.get('cmap')!, tables.get('hmtx')!, tables.get('hhea')!];
    const sub = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, i) => cmap + 4 + 8 * i).filter((at) => font.readUInt16BE(at) === 3 && font.readUInt16BE(at + 2) === 1).map((at) => cmap + font.readUInt32BE(at + 4))[0]!;
    const segments = font.readUInt16BE(sub + 6);
    const glyph = (code: number): number => {
      for (let i = 0; i < segments; i += 2) {
        if (code > font.readUInt16BE(sub + 14 + i)) continue;
        const [start, delta, range] = [font.readUInt16BE(sub + 16 + segments + i), font.readUInt16BE(sub + 16 + 2 * segments + i), font.readUInt16BE(sub + 16 + 3 * segments + i)];
        if (code < start) return 0;
        return range === 0 ? (code + delta) & 0xffff : font.readUInt16BE(sub + 16 + 3 * segments + i + range + 2 * (code - start));
      }
      return 0;
    };
    const advance = (code: number) => font.readUInt16BE(hmtx + 4 * Math.min(glyph(code), font.readUInt16BE(hhea + 34) - 1)) / 2048;
    for (const character of 'The quick brown fox, 0123456789! Привіт, Ґедзю їжак єнот — “№” äöüßéñ ΑΩ…') expect([character, Math.abs(widthOf(character, 1) - advance(character.codePointAt(0)!)) < 0.001]).toEqual([character, true]);
  });

  it('wraps at spaces, within words that are too long, and loses nothing', () => {
    expect(linesOf('one two three', 10, widthOf('one two', 10))).toEqual(['one two', 'three']);
    expect(linesOf('a\n\nb', 10, 100)).toEqual(['a', '', 'b']);
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'W', 'ї', ' ', '\n', '😀'), maxLength: 60 }), fc.integer({ min: 5, max: 80 }), (words, width) => {
      const lines = linesOf(words, 10, width);
      expect(lines.join('').replace(/\s/g, '')).toBe(words.replace(/\s/g, ''));
      for (const line of lines) expect([...line].length <= 1 || widthOf(line, 10) <= width + 1e-9).toBe(true);
    }));
  });
});
