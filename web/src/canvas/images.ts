/** The pictures on the board, fetched once each with the right to see them; the least lately used are let go. */
export type Images = { get(sha256: string): CanvasImageSource | undefined };

/** More than a page ever shows at once, or they would push each other out for ever. */
const most = 400;

export function createImages(fetchImage: (sha256: string) => Promise<Blob>, arrived: () => void): Images {
  const known = new Map<string, ImageBitmap | 'loading' | { failedAt: number }>();
  const load = (sha256: string): void => {
    known.set(sha256, 'loading');
    fetchImage(sha256).then((blob) => createImageBitmap(blob)).then(
      (image) => {
        known.set(sha256, image);
        arrived();
      },
      () => known.set(sha256, { failedAt: performance.now() }),
    );
  };
  return {
    get(sha256) {
      const image = known.get(sha256);
      if (image instanceof ImageBitmap) {
        known.delete(sha256);
        known.set(sha256, image);
        const [oldest] = known;
        if (known.size > most && oldest && oldest[1] instanceof ImageBitmap) {
          oldest[1].close();
          known.delete(oldest[0]);
        }
        return image;
      }
      if (image === undefined || (image !== 'loading' && performance.now() - image.failedAt > 5_000)) load(sha256);
      return undefined;
    },
  };
}
