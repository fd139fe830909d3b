import type { Shape } from './shapes.ts';

/**
 * A shape between two changes. A server that holds a hundred thousand keeps the small ones as JSON: a text is one thing to the garbage
 * collector, which has to look at all that lives again and again, and a shape is a dozen. A snapshot takes it as it is, too. Clients draw what
 * they hold sixty times a second, and keep objects. Nothing else may depend on which of both it is.
 */
export type KeptShape = Shape | string;

/** A stroke with more numbers grows by many small steps: to read and write it at each would take longer each time. Its points are one thing anyway. */
const mostNumbers = 256;

export const shapeOf = (kept: KeptShape): Shape => (typeof kept === 'string' ? (JSON.parse(kept) as Shape) : kept);
export const jsonOf = (kept: KeptShape): string => (typeof kept === 'string' ? kept : JSON.stringify(kept));
export const asText = (shape: Shape): KeptShape => (shape.type === 'stroke' && shape.points.length > mostNumbers ? shape : JSON.stringify(shape));
