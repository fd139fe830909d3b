import { createRequire } from 'node:module';
import type { ResvgRenderOptions } from '@resvg/resvg-js';
import { insistOnSelfContained, TooManyPixels } from './selfContained.ts';

const fontOf = (name: string): string => createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
const fonts = ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSans-Oblique', 'DejaVuSans-BoldOblique', 'DejaVuSansMono'];

/** Longest side of a picture; PNG readers and paper end long before. */
const longest = 16_384;

/**
 * SVG text → PNG with nothing but the bundled fonts: the same bytes wherever it runs. Blocks while it draws, so it runs in the picture process.
 * @param maxPixels a larger picture is scaled down to so many
 * @throws NotSelfContained, TooManyPixels · Error when it is no SVG
 */
export async function renderPng(svg: string, maxPixels: number): Promise<Buffer> {
  insistOnSelfContained(svg);
  const { Resvg } = await import('@resvg/resvg-js');
  const options: ResvgRenderOptions = {
    // Every other family becomes the default one, `monospace` and `serif` included.
    font: { loadSystemFonts: false, fontFiles: fonts.map(fontOf), defaultFontFamily: 'DejaVu Sans' },
    logLevel: 'off',
  };
  const asked = new Resvg(svg, options);
  const scale = Math.min(1, Math.sqrt(maxPixels / (asked.width * asked.height)), longest / asked.width, longest / asked.height);
  if (Math.min(asked.width, asked.height) * scale < 1) throw new TooManyPixels('so long and thin a picture cannot be drawn');
  const drawn = scale < 1 ? new Resvg(svg, { ...options, fitTo: { mode: 'zoom', value: scale } }) : asked;
  return drawn.render().asPng();
}
