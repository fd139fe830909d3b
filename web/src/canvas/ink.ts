const darkened = new Map<string, string>();

/** On dark paper, ink that is nearly black is shown nearly white and the other way round; colours are what they are for everybody. */
export function inkOn(dark: boolean, color: string): string {
  if (!dark) return color;
  const known = darkened.get(color);
  if (known !== undefined) return known;
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as [number, number, number];
  const [least, most] = [Math.min(r, g, b), Math.max(r, g, b)];
  const grey = most - least < 40 && most < 110;
  const shown = grey ? `rgb(${255 - r} ${255 - g} ${255 - b})` : color;
  darkened.set(color, shown);
  return shown;
}
