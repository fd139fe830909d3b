import { fullPath, type Route } from './route.ts';

/** What a path leads to: the route, or why there is none. */
export type Match<T> =
  | { kind: 'found'; value: T; params: Record<string, string> }
  | { kind: 'wrongMethod'; allowed: string[] }
  | { kind: 'notFound' }
  | { kind: 'malformed' };

type Node<T> = { literal: Map<string, Node<T>>; parameter: { name: string; node: Node<T> } | undefined; methods: Map<string, { value: T; names: string[] }> };

/**
 * Routes by path segment: finding one costs the same however many there are. Literal segments win over parameters.
 * @throws Error when two routes are the same
 */
export function createRouteTable<T extends { route: Pick<Route, 'method' | 'base' | 'path'> }>(entries: readonly T[]): (method: string, path: string) => Match<T> {
  const empty = (): Node<T> => ({ literal: new Map(), parameter: undefined, methods: new Map() });
  const root = empty();
  for (const entry of entries) {
    let node = root;
    const names: string[] = [];
    for (const segment of fullPath(entry.route).split('/').slice(1)) {
      const parameter = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (parameter === undefined) {
        const next = node.literal.get(segment) ?? empty();
        node.literal.set(segment, next);
        node = next;
      } else {
        names.push(parameter);
        node.parameter ??= { name: parameter, node: empty() };
        node = node.parameter.node;
      }
    }
    const method = entry.route.method.toUpperCase();
    if (node.methods.has(method)) throw new Error(`Two routes for ${method} ${fullPath(entry.route)}`);
    node.methods.set(method, { value: entry, names });
  }

  return (method, path) => {
    const values: string[] = [];
    const node = find(root, path.split('/'), 1, values);
    if (!node) return { kind: 'notFound' };
    const hit = node.methods.get(method === 'HEAD' ? 'GET' : method);
    if (!hit) return { kind: 'wrongMethod', allowed: [...node.methods.keys()].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])) };
    const params: Record<string, string> = {};
    for (const [index, name] of hit.names.entries()) {
      const value = decoded(values[index] ?? '');
      if (value === undefined) return { kind: 'malformed' };
      params[name] = value;
    }
    return { kind: 'found', value: hit.value, params };
  };
}

/** Depth-first; at most two ways at each of a handful of segments. */
function find<T>(node: Node<T>, segments: readonly string[], index: number, values: string[]): Node<T> | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.methods.size > 0 ? node : undefined;
  const literal = node.literal.get(segment);
  const byLiteral = literal && find(literal, segments, index + 1, values);
  if (byLiteral) return byLiteral;
  if (!node.parameter || segment === '') return undefined;
  values.push(segment);
  const byParameter = find(node.parameter.node, segments, index + 1, values);
  if (!byParameter) values.pop();
  return byParameter;
}

function decoded(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    const value = decodeURIComponent(segment);
    return value.includes('\u0000') ? undefined : value;
  } catch {
    return undefined;
  }
}
