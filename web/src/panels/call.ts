import type { MediaState, MediaStreamLike, OpenRoom } from '../../../client/index.ts';
import { h, icon, iconButton } from '../dom.ts';
import type { Rights } from '../rights.ts';
import { capture } from './capture.ts';
import type { Notices } from './notices.ts';
import { createTiles } from './tiles.ts';

export type Call = { tiles: HTMLElement; buttons: HTMLElement; leave(): void; update(): void };

const constraints = { video: { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 20, max: 30 } }, audio: { echoCancellation: true, noiseSuppression: true } };
/** Letters are to be read: the size of the screen, and few pictures of it. */
const screenConstraints: DisplayMediaStreamOptions = { video: { frameRate: { ideal: 10, max: 15 } }, audio: false };
const nothing: MediaState = { video: false, audio: false, screen: false };
const lackWords = { camera: 'Your camera could not be used: you are heard, not seen.', microphone: 'Your microphone could not be used: you are seen, not heard.' } as const;
const refusedWords: Readonly<Record<string, string>> = {
  publisherLimit: 'As many people as a call carries are sending already: you watch and listen.', forbidden: 'You may not send that in this lesson.',
};

/** Where the page is not served safely a browser has no devices at all. */
const takeMedia = async (what: MediaStreamConstraints): Promise<MediaStream> => navigator.mediaDevices.getUserMedia(what);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Camera, microphone and screen. One stream goes out, with at most one picture in it: while the screen is shared the camera's waits, so
 * that to the others it is the same stream all along.
 */
export function createCall(room: OpenRoom, rights: Rights, notices: Notices): Call {
  const { webrtc, api, roomId, joined } = room;
  const tiles = createTiles();
  let own: MediaStream | undefined;
  let camera: MediaStreamTrack | undefined;
  let screen: MediaStreamTrack | undefined;
  let inCall = false;
  /** The joining that goes on: the person may take long over the browser's question, and leave meanwhile. */
  let beginning: object | undefined;
  let media = nothing;

  const show = (): void => {
    tiles.show([
      ...(inCall ? [{ id: 'own', personId: joined.personId, name: 'You', isOwn: true, stream: own, media, state: 'connected' }] : []),
      ...[...webrtc.peers()].filter(([, { publisher }]) => publisher).map(([id, { personId, name, stream, mediaState, state }]) =>
        ({ id, personId, name, isOwn: false, stream: stream as unknown as MediaStream | undefined, media: mediaState, state })),
    ]);
    microphone.hidden = !inCall || own?.getAudioTracks().length !== 1 || !rights.may('toggleAudio');
    lens.hidden = !inCall || !camera || screen !== undefined || !rights.may('toggleVideo');
    share.hidden = !inCall || !rights.may('shareScreen') || !('getDisplayMedia' in (navigator.mediaDevices ?? {}));
    for (const [button, on] of [[microphone, media.audio], [lens, media.video], [share, media.screen]] as const) button.setAttribute('aria-pressed', String(on));
    microphone.classList.toggle('off', !media.audio);
    lens.classList.toggle('off', !media.video);
    const label = inCall ? 'Leave the call' : 'Join the call';
    join.hidden = !inCall && !rights.areKnown(); // who was quicker than the word of what they may send would send nothing
    join.classList.toggle('hangup', inCall);
    join.setAttribute('aria-label', label);
    join.title = label;
    join.lastElementChild?.replaceChildren(inCall ? 'Leave call' : 'Join call');
  };
  const enable = (): void => {
    for (const track of own?.getTracks() ?? []) track.enabled = track === screen || (track.kind === 'video' ? media.video : media.audio);
  };
  const tell = (): void => {
    enable();
    webrtc.mediaState(media);
    void api.media(roomId, media).catch(() => undefined);
    show();
  };
  const set = (change: Partial<MediaState>): void => {
    media = { ...media, ...change };
    tell();
  };
  const publish = (): void => {
    enable(); // before it goes out: what is off must not be seen for one picture
    webrtc.publish(own && own.getTracks().length > 0 ? own as unknown as MediaStreamLike : undefined, media);
  };

  const begin = async (): Promise<void> => {
    if (inCall || beginning) return;
    const mine = (beginning = {});
    const wanted = { video: rights.may('toggleVideo') && constraints.video, audio: rights.may('toggleAudio') && constraints.audio };
    const { stream, lacks } = await capture(wanted, { take: takeMedia, wait, isStillWanted: () => beginning === mine });
    if (beginning !== mine) return stream?.getTracks().forEach((track) => track.stop());
    beginning = undefined;
    own = stream;
    [camera] = own?.getVideoTracks() ?? [];
    const [lack] = lacks;
    if (lack) notices.show(own ? lackWords[lack] : 'No camera or microphone could be used: you watch and listen.');
    // Asked for once more: a right may have been taken away while the browser asked.
    media = { video: camera !== undefined && rights.may('toggleVideo'), audio: (own?.getAudioTracks().length ?? 0) > 0 && rights.may('toggleAudio'), screen: false };
    inCall = true;
    publish();
    webrtc.join();
    tell();
  };
  const leave = (): void => {
    beginning = undefined;
    if (!inCall) return;
    inCall = false;
    webrtc.leave();
    for (const track of [...(own?.getTracks() ?? []), camera, screen]) track?.stop();
    own = camera = screen = undefined;
    media = nothing;
    void api.media(roomId, media).catch(() => undefined);
    show();
  };

  const stopSharing = (): void => {
    const track = screen;
    if (!track || !own) return;
    screen = undefined;
    track.stop();
    own.removeTrack(track);
    if (camera) own.addTrack(camera);
    media = { ...media, screen: false };
    publish();
    tell();
  };
  const beginSharing = async (): Promise<void> => {
    const shown = await navigator.mediaDevices.getDisplayMedia(screenConstraints).catch(() => undefined); // the person thought better of it
    const [track] = shown?.getVideoTracks() ?? [];
    if (!track) return;
    if (!inCall || screen || !rights.may('shareScreen')) return track.stop();
    screen = track;
    track.addEventListener('ended', stopSharing); // by the browser's own button
    own ??= new MediaStream();
    if (camera) own.removeTrack(camera);
    own.addTrack(track);
    media = { ...media, screen: true };
    publish();
    tell();
  };
  /** A right that was taken away is obeyed at once: what goes from peer to peer no server can hold back. */
  const obey = (): void => {
    if (!inCall) return;
    if (media.screen && !rights.may('shareScreen')) stopSharing();
    const change = { ...(media.video && !rights.may('toggleVideo') && { video: false }), ...(media.audio && !rights.may('toggleAudio') && { audio: false }) };
    if (Object.keys(change).length > 0) set(change);
  };

  const microphone = iconButton('microphone', 'Microphone', () => set({ audio: !media.audio }), { class: 'tool' });
  const lens = iconButton('camera', 'Camera', () => set({ video: !media.video }), { class: 'tool' });
  const share = iconButton('screen', 'Share the screen', () => (screen ? stopSharing() : void beginSharing()), { class: 'tool' });
  const join = h('button', { type: 'button', class: 'tool wide call', onclick: () => (inCall ? leave() : void begin()) }, icon('call'), h('span', {}, 'Join call'));
  webrtc.on('peers', show);
  webrtc.on('publisher', show);
  webrtc.on('problem', ({ code }) => {
    const words = refusedWords[code];
    if (words !== undefined) notices.show(words);
  });
  webrtc.on('connection', (state) => {
    if (state.is !== 'ended' || !inCall) return;
    leave();
    if (state.reason === 'superseded') notices.show('The call goes on in another tab of yours.');
  });
  room.system.on('muteRequest', ({ kind }) => {
    if (!inCall) return;
    notices.show(kind === 'audio' ? 'The teacher asks you to mute your microphone.' : 'The teacher asks you to turn your camera off.', {
      sticky: true, action: { label: kind === 'audio' ? 'Mute' : 'Turn off', run: () => { if (inCall) set({ [kind]: false }); } },
    });
  });
  show();
  return {
    tiles: tiles.element, buttons: h('div', { class: 'group' }, microphone, lens, share, join), leave,
    update() {
      obey();
      show();
    },
  };
}
