import { op } from '../../src/domain/board/ops.ts';
import { onBoard, toBoard } from '../../web/src/canvas/camera.ts';
import { frameOf, rotated, scaled, stretched } from '../../web/src/tools/frame.ts';
import { restyled } from '../../web/src/tools/restyled.ts';
import { words } from '../../web/src/words.ts';
import type { Shape } from '../../client/index.ts';

/* What the page sends is taken by the schemas that the server checks with: a message that they refuse closes the socket. */
const place = { id: 's1', page: 'page-1', layer: 'layer-1', x: 10, y: 20, rotation: 0, scale: 1, z: 'a1', locked: false, author: 'anna' };
const sticky: Shape = { ...place, type: 'sticky', width: 200, height: 200, text: 'a', style: { color: '#1f2430', width: 1, fill: '#ffe58f' } };
const rectangle: Shape = { ...place, type: 'rectangle', width: 100, height: 50, style: { color: '#1f2430', width: 4, fill: '#ffe58f' } };

describe('what the page sends', () => {
  it.each([['a NUL', 'a\0b', 'ab'], ['half a pair, pasted', 'a\ud83d', 'a\ufffd'], ['a pair that is cut', '12345678😀', '12345678\ufffd'], ['what is whole', 'Привіт 😀', 'Привіт 😀']])('holds no text that nothing keeps: %s', (_name, text, kept) => {
    expect(words(text, 9)).toBe(kept);
    expect(op.safeParse({ op: 'shape.update', id: 's1', set: { text: words(text, 9) } }).success).toBe(true);
  });

  it('is nowhere that a board does not reach, however far one goes', () => {
    for (const x of [-1e12, 1e12]) {
      const at = toBoard(onBoard({ x, y: x, zoom: 0.1 }), { x: 4_000, y: 2_000 });
      expect(op.safeParse({ op: 'shape.update', id: 's1', set: at }).success).toBe(true);
    }
    expect(onBoard({ x: 5, y: -7, zoom: 2 })).toEqual({ x: 5, y: -7, zoom: 2 });
  });

  it('leaves a note its ink, and takes a fill away as a part', () => {
    expect(restyled([sticky, rectangle], { color: '#d6293e' })).toEqual([{ op: 'shape.update', id: 's1', set: { style: { color: '#d6293e' } } }]);
    expect(restyled([sticky, rectangle], { fill: undefined } as never)).toEqual([{ op: 'shape.update', id: 's1', set: {}, unset: ['style.fill'] }]);
  });
});

describe('a shape in its frame', () => {
  it('keeps the opposite corner where it is, also when it stands askew', () => {
    const askew = rotated(rectangle, 0.7, { x: 60, y: 45 });
    const corners = (shape: Shape) => frameOf([shape], { x: 0, y: 0, zoom: 1 })!.corners;
    const [nw, , se] = corners(askew);
    const grown = stretched(askew, 'se', { x: se!.x + 30, y: se!.y + 40 }, false);
    expect(corners(grown)[0]!.x).toBeCloseTo(nw!.x, 1);
    expect(corners(grown)[0]!.y).toBeCloseTo(nw!.y, 1);
    expect(corners(grown)[2]!.x).toBeCloseTo(se!.x + 30, 1);
    expect(scaled(rectangle, 2, { x: 10, y: 20 })).toMatchObject({ x: 10, y: 20, width: 200, height: 100 });
  });
});
