/** `zoomAccount-a1` → `['zoomAccount', 'a1']`. Ids may hold dashes; categories do not. */
export function streamOf(stream: string): readonly [category: string, id: string] {
  const dash = stream.indexOf('-');
  return dash < 0 ? [stream, ''] : [stream.slice(0, dash), stream.slice(dash + 1)];
}
