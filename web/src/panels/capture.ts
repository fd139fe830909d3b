type Wanted = { video: object | false; audio: object | false };
export type Captured<Stream> = { stream: Stream | undefined; /** What was wanted, and is not to be had. */ lacks: readonly ('camera' | 'microphone')[] };

/** Another program is about to let go of it, or it did not start in time: the next try mostly works. Source: W3C Media Capture and Streams, getUserMedia(). */
const passing = new Set(['AbortError', 'NotReadableError']);
const againAfterMs = 500;
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

type Means<Stream> = {
  take(what: Wanted): Promise<Stream>;
  wait(ms: number): Promise<void>;
  /** The person may think better of it while the browser asks: then it asks nothing more. */
  isStillWanted(): boolean;
};

/**
 * As much of camera and microphone as there is: both, or one of them, which is better than nobody. Whoever refuses is asked for the
 * microphone once more and then left alone: a camera that the site's policy blocks looks just the same, and the microphone may be free.
 */
export async function capture<Stream>(wanted: Wanted, { take, wait, isStillWanted }: Means<Stream>): Promise<Captured<Stream>> {
  const each = [{ video: wanted.video, audio: wanted.audio }, { video: false, audio: wanted.audio }, { video: wanted.video, audio: false }] as const;
  const asks = each.filter(({ video, audio }, i) => (video || audio) && (i === 0 || (wanted.video && wanted.audio)));
  const lacking = (got: Wanted): Captured<Stream>['lacks'] => [wanted.video && !got.video ? 'camera' as const : [], wanted.audio && !got.audio ? 'microphone' as const : []].flat();
  let isRefused = false;
  const failed = (error: unknown): void => { isRefused ||= nameOf(error) === 'NotAllowedError'; };
  for (const what of asks) {
    if (!isStillWanted() || (isRefused && what.video)) break;
    const stream = await take(what).catch(async (error: unknown) => {
      failed(error);
      if (!passing.has(nameOf(error))) return undefined;
      await wait(againAfterMs);
      return isStillWanted() ? take(what).catch(failed) : undefined;
    });
    if (stream) return { stream, lacks: lacking(what) };
  }
  return { stream: undefined, lacks: lacking({ video: false, audio: false }) };
}
