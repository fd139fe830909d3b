type Wanted = { video: object | false; audio: object | false };
export type Captured<Stream> = { stream: Stream | undefined; /** What was wanted, and is not to be had. */ lacks: readonly ('camera' | 'microphone')[] };

/** Another program is about to let go of it, or it did not start in time: the next try mostly works. Source: W3C Media Capture and Streams, getUserMedia(). */
const passing = new Set(['AbortError', 'NotReadableError']);
const againAfterMs = 500;
const isPassing = (error: unknown): boolean => error instanceof Error && passing.has(error.name);

/** As much of camera and microphone as there is: both, or one of them, which is better than nobody. */
export async function capture<Stream>(wanted: Wanted, take: (what: Wanted) => Promise<Stream>, wait: (ms: number) => Promise<void>): Promise<Captured<Stream>> {
  const each = [{ video: wanted.video, audio: wanted.audio }, { video: false, audio: wanted.audio }, { video: wanted.video, audio: false }] as const;
  const asks = each.filter(({ video, audio }, i) => (video || audio) && (i === 0 || (wanted.video && wanted.audio)));
  const lacking = (got: Wanted): Captured<Stream>['lacks'] => [wanted.video && !got.video ? 'camera' as const : [], wanted.audio && !got.audio ? 'microphone' as const : []].flat();
  for (const what of asks) {
    const stream = await take(what).catch(async (error: unknown) => {
      if (!isPassing(error)) return undefined;
      await wait(againAfterMs);
      return take(what).catch(() => undefined);
    });
    if (stream !== undefined) return { stream, lacks: lacking(what) };
  }
  return { stream: undefined, lacks: lacking({ video: false, audio: false }) };
}
