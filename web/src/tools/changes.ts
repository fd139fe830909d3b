import type { Op, Shape } from '../../../client/index.ts';

const fields = ['x', 'y', 'rotation', 'scale', 'z', 'page', 'layer', 'locked', 'width', 'height', 'to', 'text'] as const;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The op that makes one of the other; undefined when they are the same. Only what differs is in it: the rest is for others to change meanwhile. */
export function changes(before: Shape, after: Shape): Op | undefined {
  const set: Record<string, unknown> = {};
  const [was, is] = [before, after] as unknown as [Record<string, unknown>, Record<string, unknown>];
  for (const field of fields) if (is[field] !== undefined && !same(was[field], is[field])) set[field] = is[field];
  const style = Object.fromEntries(Object.entries(after.style).filter(([part, value]) => value !== undefined && value !== (before.style as Record<string, unknown>)[part]));
  if (Object.keys(style).length > 0) set['style'] = style;
  return Object.keys(set).length === 0 ? undefined : { op: 'shape.update', id: after.id, set };
}
