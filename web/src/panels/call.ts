import type { MediaState, MediaStreamLike, OpenRoom } from '../../../client/index.ts';
import { h, icon, iconButton } from '../dom.ts';
import type { Rights } from '../rights.ts';
import type { Notices } from './notices.ts';
import { avatar } from './side.ts';

export type Call = { tiles: HTMLElement; buttons: HTMLElement; leave(): void; update(): void };

const constraints: MediaStreamConstraints = { video: { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 20, max: 30 } }, audio: { echoCancellation: true, noiseSuppression: true } };

/** Camera, microphone, and the tiles of those who can be seen. */
export function createCall(room: OpenRoom, rights: Rights, notices: Notices): Call {
  const { webrtc, api, roomId, joined } = room;
  let own: MediaStream | undefined;
  let inCall = false;
  let media: MediaState = { video: false, audio: false, screen: false };
  const tiles = h('div', { class: 'tiles', role: 'group', 'aria-label': 'Video' });
  const shown = new Map<string, { element: HTMLElement; video: HTMLVideoElement; name: HTMLElement }>();

  const tile = (id: string, personId: string, name: string, isOwn: boolean): { element: HTMLElement; video: HTMLVideoElement; name: HTMLElement } => {
    const known = shown.get(id);
    if (known) return known;
    const video = h('video', { autoplay: true, playsinline: true, 'aria-label': `Video of ${name}` });
    video.muted = isOwn;
    const label = h('figcaption', {}, isOwn ? 'You' : name);
    const made = { element: h('figure', { class: isOwn ? 'tile own' : 'tile', 'data-peer': id }, avatar(personId, name), video, label), video, name: label };
    shown.set(id, made);
    tiles.append(made.element);
    return made;
  };
  const play = (video: HTMLVideoElement, stream: MediaStream | undefined, visible: boolean): void => {
    if (video.srcObject !== (stream ?? null)) {
      video.srcObject = stream ?? null;
      if (stream) void video.play().catch(() => undefined); // a page that nobody has touched may have to wait with sound
    }
    video.hidden = !visible;
  };
  const show = (): void => {
    const here = new Set<string>();
    if (inCall) {
      here.add('own');
      const { video, element } = tile('own', joined.personId, 'You', true);
      play(video, own, media.video);
      element.classList.toggle('muted', !media.audio);
    }
    for (const [id, peer] of webrtc.peers()) {
      if (!peer.publisher) continue;
      here.add(id);
      const { video, element } = tile(id, peer.personId, peer.name, false);
      play(video, peer.stream as unknown as MediaStream | undefined, peer.mediaState.video);
      element.classList.toggle('muted', !peer.mediaState.audio);
      element.dataset['state'] = peer.state;
    }
    for (const [id, { element, video }] of shown) {
      if (here.has(id)) continue;
      video.srcObject = null;
      element.remove();
      shown.delete(id);
    }
    tiles.hidden = shown.size === 0;
    microphone.hidden = camera.hidden = !inCall || !own;
    microphone.setAttribute('aria-pressed', String(media.audio));
    camera.setAttribute('aria-pressed', String(media.video));
    microphone.classList.toggle('off', !media.audio);
    camera.classList.toggle('off', !media.video);
    join.classList.toggle('hangup', inCall);
    join.setAttribute('aria-label', inCall ? 'Leave the call' : 'Join the call');
    join.title = inCall ? 'Leave the call' : 'Join the call';
    join.lastElementChild?.replaceChildren(inCall ? 'Leave call' : 'Join call');
  };
  const tell = (): void => {
    webrtc.mediaState(media);
    void api.media(roomId, { video: media.video, audio: media.audio }).catch(() => undefined);
    for (const track of own?.getTracks() ?? []) track.enabled = track.kind === 'video' ? media.video : media.audio;
    show();
  };

  const begin = async (): Promise<void> => {
    const wanted = { video: rights.may('toggleVideo') && constraints.video, audio: rights.may('toggleAudio') && constraints.audio } as MediaStreamConstraints;
    const ask = async (what: MediaStreamConstraints): Promise<MediaStream | undefined> => (what.video || what.audio ? await navigator.mediaDevices?.getUserMedia(what) : undefined);
    own = await ask(wanted).catch(() => ask({ audio: wanted.audio ?? false })).catch(() => undefined);
    if (!own && (wanted.video || wanted.audio)) notices.show('No camera or microphone could be used: you watch and listen.');
    media = { video: (own?.getVideoTracks().length ?? 0) > 0, audio: (own?.getAudioTracks().length ?? 0) > 0, screen: false };
    inCall = true;
    webrtc.publish(own as unknown as MediaStreamLike | undefined, media);
    webrtc.join();
    tell();
  };
  const leave = (): void => {
    if (!inCall) return;
    inCall = false;
    webrtc.leave();
    for (const track of own?.getTracks() ?? []) track.stop();
    own = undefined;
    media = { video: false, audio: false, screen: false };
    void api.media(roomId, { video: false, audio: false }).catch(() => undefined);
    show();
  };

  const microphone = iconButton('microphone', 'Microphone', () => { media = { ...media, audio: !media.audio }; tell(); }, { class: 'tool' });
  const camera = iconButton('camera', 'Camera', () => { media = { ...media, video: !media.video }; tell(); }, { class: 'tool' });
  const join = h('button', { type: 'button', class: 'tool wide call', onclick: () => (inCall ? leave() : void begin()) }, icon('call'), h('span', {}, 'Join call'));
  webrtc.on('peers', show);
  webrtc.on('publisher', (sends) => {
    if (!sends && own) notices.show('As many people as a call carries are sending already: you watch and listen.');
    show();
  });
  webrtc.on('connection', (state) => {
    if (state.is !== 'ended' || !inCall) return;
    leave();
    if (state.reason === 'superseded') notices.show('The call goes on in another tab of yours.');
  });
  room.system.on('muteRequest', ({ kind }) => {
    notices.show(kind === 'audio' ? 'The teacher asks you to mute your microphone.' : 'The teacher asks you to turn your camera off.', {
      sticky: true, action: { label: kind === 'audio' ? 'Mute' : 'Turn off', run: () => { media = { ...media, [kind]: false }; tell(); } },
    });
  });
  show();
  return { tiles, buttons: h('div', { class: 'group' }, microphone, camera, join), leave, update: show };
}
