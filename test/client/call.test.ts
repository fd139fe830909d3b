import { createEmitter } from '../../client/emitter.ts';
import type { OpenRoom } from '../../client/index.ts';
import { capture } from '../../web/src/panels/capture.ts';
import { createRights, type Rights } from '../../web/src/rights.ts';
import { fakeDocument, type FakeElement } from './support/fakePage.ts';

type Wanted = Parameters<typeof capture>[0];
const named = (name: string): Error => Object.assign(new Error(name), { name });

/** A browser that answers what it is asked for by these, one after the other; the last stays. `left`: the person leaves after so many questions. */
function browser(...answers: (string | Error)[]) {
  const asked: string[] = [];
  const waited: number[] = [];
  const take = async (what: Wanted): Promise<string> => {
    asked.push([what.video && 'camera', what.audio && 'microphone'].filter(Boolean).join('+'));
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const of = (wanted: Wanted, left = Infinity) => capture(wanted, { take, wait: async (ms) => void waited.push(ms), isStillWanted: () => asked.length < left });
  return { asked, waited, of };
}
const both = { video: {}, audio: {} };

describe('camera and microphone', () => {
  it.each(['AbortError', 'NotReadableError'])('are asked for again after %s: a camera that starts slowly is there the next time', async (name) => {
    const { of, asked, waited } = browser(named(name), 'a stream');
    expect(await of(both)).toEqual({ stream: 'a stream', lacks: [] });
    expect(asked).toEqual(['camera+microphone', 'camera+microphone']);
    expect(waited).toEqual([500]);
  });

  it('are taken one without the other where there is but one, and it is said which is lacking', async () => {
    const noCamera = browser(named('NotFoundError'), 'a voice');
    expect(await noCamera.of(both)).toEqual({ stream: 'a voice', lacks: ['camera'] });
    expect(noCamera.asked).toEqual(['camera+microphone', 'microphone']);
    const noMicrophone = browser(named('NotFoundError'), named('NotFoundError'), 'a picture');
    expect(await noMicrophone.of(both)).toEqual({ stream: 'a picture', lacks: ['microphone'] });
    expect(noMicrophone.asked).toEqual(['camera+microphone', 'microphone', 'camera']);
  });

  it('are not asked for again when the person refused, nor when one may send neither', async () => {
    const refused = browser(named('NotAllowedError'));
    expect(await refused.of({ video: {}, audio: false })).toEqual({ stream: undefined, lacks: ['camera'] });
    expect(refused.asked).toEqual(['camera']);
    const twice = browser(named('NotAllowedError'));
    expect(await twice.of(both)).toEqual({ stream: undefined, lacks: ['camera', 'microphone'] });
    expect(twice.asked).toEqual(['camera+microphone', 'microphone']);
    const late = browser(named('NotReadableError'), named('NotAllowedError'), named('NotFoundError'), 'a picture');
    expect((await late.of(both)).stream).toBeUndefined();
    expect(late.asked).toEqual(['camera+microphone', 'camera+microphone', 'microphone']);
    const blocked = browser(named('NotAllowedError'), 'a voice'); // the camera is, by the site's policy
    expect(await blocked.of(both)).toEqual({ stream: 'a voice', lacks: ['camera'] });
    const nothing = browser('a stream');
    expect(await nothing.of({ video: false, audio: false })).toEqual({ stream: undefined, lacks: [] });
    expect(nothing.asked).toEqual([]);
  });

  it.each(['NotFoundError', 'NotReadableError', 'NotAllowedError'])('are not asked for again by who has left meanwhile, after %s', async (name) => {
    const { of, asked } = browser(named(name));
    expect((await of(both, 1)).stream).toBeUndefined();
    expect(asked).toEqual(['camera+microphone']);
  });

  it('are offered once it is known what one may send, and not before: the state of the lesson comes first', () => {
    const [board, system] = [createEmitter<Record<string, unknown>>(), createEmitter<Record<string, unknown>>()];
    const room = { joined: { personId: 'anna', role: 'student' }, board: { on: board.on, welcome: () => undefined }, system: { on: system.on, rights: () => undefined, status: () => undefined, people: () => new Map() } };
    const rights = createRights(room as unknown as OpenRoom, () => undefined);
    system.emit('status', { status: 'active' });
    expect([rights.areKnown(), rights.may('toggleVideo')]).toEqual([false, false]);
    system.emit('permissions', { role: 'student', permissions: { toggleVideo: true } });
    expect([rights.areKnown(), rights.may('toggleVideo')]).toEqual([true, true]);
  });
});

type FakeTrack = { kind: string; enabled: boolean; stopped: boolean; stop(): void; addEventListener(): void };
const track = (kind: string): FakeTrack => ({ kind, enabled: true, stopped: false, stop() { this.stopped = true; }, addEventListener: () => undefined });

function fakeStream(...kinds: string[]) {
  const tracks = kinds.map(track);
  const of = (kind: string) => () => tracks.filter((one) => one.kind === kind);
  return { getTracks: () => [...tracks], getVideoTracks: of('video'), getAudioTracks: of('audio'), addTrack: (one: FakeTrack) => tracks.push(one), removeTrack: (one: FakeTrack) => tracks.splice(tracks.indexOf(one), 1) };
}

/** The page's call, where the browser's questions are answered when the test says so. `sent`: what went out, with those tracks that were on in that moment. */
async function page(...held: string[]) {
  const rights = new Set(held);
  const [camera, screen] = [Promise.withResolvers<ReturnType<typeof fakeStream>>(), Promise.withResolvers<ReturnType<typeof fakeStream>>()];
  Object.assign(globalThis, { document: fakeDocument });
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { mediaDevices: { getUserMedia: () => camera.promise, getDisplayMedia: () => screen.promise } } });
  const sent: { on: string[]; media: object }[] = [];
  const webrtc = {
    on: () => () => undefined, peers: () => new Map(), join: () => undefined, leave: () => undefined, mediaState: () => undefined,
    publish: (stream: ReturnType<typeof fakeStream> | undefined, media: object) => void sent.push({ on: (stream?.getTracks() ?? []).filter(({ enabled }) => enabled).map(({ kind }) => kind), media }),
  };
  const room = { webrtc, roomId: 'r', joined: { personId: 'anna' }, api: { media: async () => undefined }, system: { on: () => () => undefined } };
  // By a name that the type check does not follow: the page's own has the types of a browser, the tests' has not.
  const { createCall } = await import('../../web/src/panels/call.ts' as string) as { createCall(room: unknown, rights: Partial<Rights>, notices: object): { buttons: FakeElement; update(): void } };
  const call = createCall(room, { may: (name) => rights.has(name), areKnown: () => true }, { show: () => undefined });
  const button = (label: string): FakeElement => call.buttons.children.find((one) => one.attributes.get('aria-label') === label)!;
  const settle = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve(); };
  return {
    sent, camera, screen, button, settle,
    async press(label: string) {
      button(label).dispatchEvent(new Event('click'));
      await settle();
    },
    take(name: string) {
      rights.delete(name);
      call.update();
    },
  };
}

describe('a right that is taken away', () => {
  it('while the browser asks for the camera is obeyed before anything goes out, and the button is gone', async () => {
    const { sent, camera, press, take, button, settle } = await page('toggleVideo', 'toggleAudio');
    await press('Join the call');
    take('toggleVideo');
    const stream = fakeStream('video', 'audio');
    camera.resolve(stream);
    await settle();
    expect(sent).toEqual([{ on: ['audio'], media: { video: false, audio: true, screen: false } }]);
    expect(stream.getTracks().map(({ enabled }) => enabled)).toEqual([false, true]);
    expect([button('Camera').hidden, button('Microphone').hidden]).toEqual([true, false]);
  });

  it('while the browser asks for the screen is obeyed, too', async () => {
    const { sent, camera, screen, press, take, settle } = await page('toggleVideo', 'toggleAudio', 'shareScreen');
    await press('Join the call');
    camera.resolve(fakeStream('video', 'audio'));
    await settle();
    await press('Share the screen');
    take('shareScreen');
    const shown = fakeStream('video');
    const [picture] = shown.getTracks();
    screen.resolve(shown);
    await settle();
    expect(sent).toHaveLength(1);
    expect(picture!.stopped).toBe(true);
  });
});
