import type { ImageType } from '../../ports/roomImages.ts';
import type { ImageHeader } from '../roomImages/imageHeader.ts';
import type { Rewritten } from '../roomImages/rewriteImage.ts';

/** What the picture process does. Bytes are `Uint8Array`: that is what arrives. */
export type PictureJobs = {
  rewrite: { input: { bytes: Uint8Array; header: ImageHeader }; output: Rewritten };
  shrink: { input: { bytes: Uint8Array; maxSide: number; mediaType: ImageType }; output: Rewritten };
  render: { input: { svg: string; maxPixels: number }; output: { bytes: Uint8Array } };
};
export type PictureJob = keyof PictureJobs;

export type Asked = { [Kind in PictureJob]: { id: number; kind: Kind; input: PictureJobs[Kind]['input'] } }[PictureJob];
/** `tooMuch`: it would take more memory than a picture may. `refused`: it is not what it should be. */
export type Answered =
  | { id: number; ok: true; output: PictureJobs[PictureJob]['output'] }
  | { id: number; ok: false; why: 'tooMuch' | 'refused'; message: string };
