import type { Op, Shape, Style } from '../../../client/index.ts';
import { changes } from './changes.ts';

/** What has to be written to give shapes another look. A note keeps its own ink; no fill is a part that is taken away. */
export function restyled(shapes: readonly Shape[], next: Partial<Style>): Op[] {
  const unfills = 'fill' in next && next.fill === undefined;
  return shapes.flatMap((shape): Op[] => {
    const fits = { ...next };
    if (shape.type === 'sticky') delete fits.color;
    const op = changes(shape, { ...shape, style: { ...shape.style, ...fits } } as Shape);
    const unset: Op[] = unfills && shape.style.fill !== undefined && shape.type !== 'sticky' ? [{ op: 'shape.update', id: shape.id, set: {}, unset: ['style.fill'] }] : [];
    return [...(op ? [op] : []), ...unset];
  });
}
