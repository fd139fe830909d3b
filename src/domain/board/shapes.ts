import { z } from 'zod';
import { mostPointsOfStroke, numbersPerPoint } from './limits.ts';

/*
 * What is on a board. The schemas are strict: they judge what clients send. What was once written is read leniently (events.ts), so a
 * limit here may be tightened without making an old board unreadable.
 */

/** Of a shape, page, layer, gesture or client: chosen by whoever makes it. */
export const boardId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
/** Fractional index (fractionalIndex.ts): compared as text, ties by id. */
export const zIndex = z.string().regex(/^[0-9A-Za-z]{1,64}$/);
/** Board units; at scale 1 one unit is one CSS pixel. */
const coordinate = z.number().min(-1e7).max(1e7);
const length = z.number().min(0).max(1e6);
const color = z.string().regex(/^#[0-9a-fA-F]{6}$/);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** No store keeps NUL or half a surrogate pair, so they are refused before they are applied. */
const words = (most: number) => z.string().max(most).refine((text) => !text.includes('\0') && text.isWellFormed(), 'holds a NUL character or a lone surrogate');

export const points = z.array(coordinate).max(mostPointsOfStroke * numbersPerPoint).refine((flat) => flat.length % numbersPerPoint === 0, 'is not a whole number of points');

export const style = z.strictObject({
  color, width: z.number().min(0).max(1_000),
  fill: color.optional(), opacity: z.number().min(0).max(1).optional(), dash: z.enum(['dashed', 'dotted']).optional(),
  fontSize: z.number().min(1).max(1_000).optional(), align: z.enum(['left', 'center', 'right']).optional(),
});

const place = { page: boardId, layer: boardId, x: coordinate, y: coordinate, rotation: z.number().min(-1e4).max(1e4), scale: z.number().min(1e-4).max(1e4), z: zIndex };
const to = z.strictObject({ x: coordinate, y: coordinate });
const box = { width: length, height: length };
const text = words(5_000);

const shapeOf = <Type extends string, More extends z.ZodRawShape>(type: Type, more: More) =>
  z.strictObject({ id: boardId, type: z.literal(type), ...place, style, locked: z.boolean(), author: words(200).optional(), ...more });

/** As a client sends it; `author` is ignored and stamped by the server. */
export const shape = z.discriminatedUnion('type', [
  shapeOf('stroke', { points }),
  shapeOf('line', { to }),
  shapeOf('arrow', { to }),
  shapeOf('rectangle', box),
  shapeOf('ellipse', box),
  shapeOf('text', { ...box, text }),
  shapeOf('sticky', { ...box, text }),
  shapeOf('image', { ...box, sha256 }),
]);

/** Of `shape.update`: only fields that the shape's type has count. `style` is merged, each of its parts a field of its own. */
export const shapeChanges = z.strictObject({ ...place, style: style.partial(), locked: z.boolean(), points, to, ...box, text }).partial();
/** Fields that a shape may be without. */
export const unsettable = z.enum(['style.fill', 'style.opacity', 'style.dash', 'style.fontSize', 'style.align']);

export const page = z.strictObject({
  id: boardId, title: words(200), z: zIndex,
  background: z.strictObject({ color: color.optional(), pattern: z.enum(['grid', 'dots', 'lines']).optional(), image: sha256.optional() }).optional(),
});
export const layer = z.strictObject({ id: boardId, page: boardId, name: words(200), z: zIndex, visible: z.boolean(), locked: z.boolean() });

export type SentShape = z.output<typeof shape>;
type Authored<S> = S extends SentShape ? Omit<S, 'author'> & { author: string } : never;
/** As it is on the board. `author`: the person who drew it; what others do with it leaves that alone. */
export type Shape = Authored<SentShape>;
export type ShapeType = Shape['type'];
export type Style = z.output<typeof style>;
export type ShapeChanges = z.output<typeof shapeChanges>;
export type Unsettable = z.output<typeof unsettable>;
export type Page = z.output<typeof page>;
export type Layer = z.output<typeof layer>;
