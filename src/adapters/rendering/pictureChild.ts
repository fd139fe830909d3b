import process from 'node:process';
import { rewriteImage, shrinkImage } from '../roomImages/rewriteImage.ts';
import type { Answered, Asked } from './pictureJobs.ts';
import { renderPng } from './renderPng.ts';
import { TooManyPixels } from './selfContained.ts';

/** The picture process: one job at a time, as its parent sends them. It ends with its parent, and not with a Ctrl-C that is meant for it. */
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (asked: Asked) => {
  run(asked).then(
    (output) => answer({ id: asked.id, ok: true, output }),
    (error: unknown) => answer({ id: asked.id, ok: false, why: error instanceof TooManyPixels ? 'tooMuch' : 'refused', message: error instanceof Error ? error.message : String(error) }),
  );
});

const answer = (message: Answered): void => { process.send?.(message, () => undefined); };

async function run(asked: Asked) {
  switch (asked.kind) {
    case 'rewrite': return await rewriteImage(asked.input.bytes, asked.input.header);
    case 'shrink': return await shrinkImage(asked.input.bytes, asked.input.maxSide, asked.input.mediaType);
    case 'render': return { bytes: await renderPng(asked.input.svg, asked.input.maxPixels) };
  }
}
