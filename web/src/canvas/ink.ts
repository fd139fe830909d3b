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

const dimmed = new Map<string, string>();
/** How much of a fill is left on dark paper: what is written on it in black is shown in white there. */
const kept = 0.32;

/** What fills a figure. Notes keep their colour: what is written on them is theirs. */
export function fillOn(dark: boolean, color: string): string {
  if (!dark) return color;
  const known = dimmed.get(color);
  if (known !== undefined) return known;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at, i) => Math.round(parseInt(color.slice(at, at + 2), 16) * kept + ([26, 28, 33][i] ?? 0) * (1 - kept)));
  const shown = `rgb(${r} ${g} ${b})`;
  dimmed.set(color, shown);
  return shown;
}
