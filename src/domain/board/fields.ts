import type { Shape, ShapeChanges, ShapeType } from './shapes.ts';

/*
 * The fields of a shape, each of which the last writer wins by itself. The parts of a style are fields of their own, `style.color`. What
 * is folded may be any JSON, so a value counts only when it is of its field's kind.
 */

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isText = (value: unknown): boolean => typeof value === 'string';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPoint = (value: unknown): boolean => isObject(value) && 'x' in value && isNumber(value.x) && 'y' in value && isNumber(value.y);
const isPoints = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);

type Fields = ReadonlyMap<string, (value: unknown) => boolean>;

const ofAll: [string, (value: unknown) => boolean][] = [
  ['page', isText], ['layer', isText], ['x', isNumber], ['y', isNumber], ['rotation', isNumber], ['scale', isNumber], ['z', isText],
  ['locked', (value) => typeof value === 'boolean'],
];
const box: typeof ofAll = [['width', isNumber], ['height', isNumber]];
const fieldsOf: Readonly<Record<ShapeType, Fields>> = {
  stroke: new Map([...ofAll, ['points', isPoints]]),
  line: new Map([...ofAll, ['to', isPoint]]),
  arrow: new Map([...ofAll, ['to', isPoint]]),
  rectangle: new Map([...ofAll, ...box]),
  ellipse: new Map([...ofAll, ...box]),
  text: new Map([...ofAll, ...box, ['text', isText]]),
  sticky: new Map([...ofAll, ...box, ['text', isText]]),
  image: new Map([...ofAll, ...box]),
};
const styleFields: Fields = new Map([
  ['color', isText], ['width', isNumber], ['fill', isText], ['opacity', isNumber], ['dash', isText], ['fontSize', isNumber], ['align', isText],
]);
const unsettable: ReadonlySet<string> = new Set(['fill', 'opacity', 'dash', 'fontSize', 'align']);

/** Whether a value from an event can be put on a board and drawn. Of what an unknown later release wrote, the answer is no. */
export function isShape(value: unknown): value is Omit<Shape, 'author'> & { author?: unknown } {
  if (!isObject(value)) return false;
  const { id, type, style } = value as Record<string, unknown>;
  if (typeof id !== 'string' || typeof type !== 'string' || !Object.hasOwn(fieldsOf, type) || !isObject(style)) return false;
  for (const [field, fits] of fieldsOf[type as ShapeType]) if (!fits((value as Record<string, unknown>)[field])) return false;
  for (const [field, fits] of styleFields) {
    const part = (style as Record<string, unknown>)[field];
    if (part === undefined ? !unsettable.has(field) : !fits(part)) return false;
  }
  return type !== 'image' || isText((value as Record<string, unknown>)['sha256']);
}

/** The first field of the changes that a shape of this type has not. */
export function foreignField(type: ShapeType, set: ShapeChanges): string | undefined {
  for (const field of Object.keys(set)) if (field !== 'style' && !fieldsOf[type].has(field)) return field;
  return undefined;
}

/** The value of a field of a shape, page or layer by its name, `style.color` included. */
export const fieldOf = (thing: object, field: string): unknown =>
  (field.startsWith('style.') && 'style' in thing ? (thing.style as Record<string, unknown>)[field.slice(6)] : (thing as Record<string, unknown>)[field]);

/** The shape with the changes that have an effect, and their names. What does not fit the shape's type does nothing. */
export function changeShape(shape: Shape, set: unknown, unset?: unknown): { shape: Shape; fields: string[] } {
  const fields: string[] = [];
  let changed: Record<string, unknown> | undefined;
  let style: Record<string, unknown> | undefined;
  if (isObject(set)) {
    for (const [field, value] of Object.entries(set)) {
      if (field === 'style' || !fieldsOf[shape.type].get(field)?.(value) || same(value, fieldOf(shape, field))) continue;
      changed ??= { ...shape };
      changed[field] = value;
      fields.push(field);
    }
    const parts = (set as { style?: unknown }).style;
    if (isObject(parts)) {
      for (const [part, value] of Object.entries(parts)) {
        if (!styleFields.get(part)?.(value) || value === (shape.style as Record<string, unknown>)[part]) continue;
        style ??= { ...shape.style };
        style[part] = value;
        fields.push(`style.${part}`);
      }
    }
  }
  if (Array.isArray(unset)) {
    for (const field of unset as readonly unknown[]) {
      const part = typeof field === 'string' && field.startsWith('style.') ? field.slice(6) : '';
      if (!unsettable.has(part) || !Object.hasOwn(style ?? shape.style, part)) continue;
      style ??= { ...shape.style };
      delete style[part];
      if (!fields.includes(`style.${part}`)) fields.push(`style.${part}`);
    }
  }
  if (!changed && !style) return { shape, fields };
  return { shape: { ...(changed ?? shape), ...(style ? { style } : {}) } as Shape, fields };
}

/** The same shape, page or layer with one field as it was; undefined: absent. */
export function withField<Thing extends object>(thing: Thing, field: string, value: unknown): Thing {
  const isPart = field.startsWith('style.') && 'style' in thing;
  const changed: Record<string, unknown> = { ...(isPart ? (thing.style as object) : thing) };
  const name = isPart ? field.slice(6) : field;
  if (value === undefined) delete changed[name];
  else changed[name] = value;
  return (isPart ? { ...thing, style: changed } : changed) as Thing;
}

/** Equal as JSON values. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
