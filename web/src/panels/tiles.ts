import type { MediaState } from '../../../client/index.ts';
import { h, iconButton } from '../dom.ts';
import { avatar } from './side.ts';

export type Shown = { id: string; personId: string; name: string; isOwn: boolean; stream: MediaStream | undefined; media: MediaState; state: string };
type Tile = { element: HTMLElement; video: HTMLVideoElement };

/** Those who can be seen or heard, each in a frame of their own; a shared screen is larger, and can be made small. */
export function createTiles(): { element: HTMLElement; show(people: readonly Shown[]): void } {
  const element = h('div', { class: 'tiles', role: 'group', 'aria-label': 'Video' });
  const tiles = new Map<string, Tile>();

  const tileOf = ({ id, personId, name, isOwn }: Shown): Tile => {
    const known = tiles.get(id);
    if (known) return known;
    const video = h('video', { autoplay: true, playsinline: true, 'aria-label': `Video of ${name}` });
    video.muted = isOwn;
    const size = iconButton('fit', `Smaller or larger: ${name}`, () => figure.classList.toggle('small'), { class: 'size' });
    const figure = h('figure', { class: isOwn ? 'tile own' : 'tile', 'data-peer': id }, avatar(personId, name), video, size, h('figcaption', {}, name));
    const made = { element: figure, video };
    tiles.set(id, made);
    element.append(figure);
    return made;
  };
  const play = (video: HTMLVideoElement, stream: MediaStream | undefined): void => {
    if (video.srcObject === (stream ?? null)) return;
    video.srcObject = stream ?? null;
    if (stream) void video.play().catch(() => undefined); // a page that nobody has touched may have to wait with sound
  };
  return {
    element,
    show(people) {
      for (const one of people) {
        const { element: figure, video } = tileOf(one);
        play(video, one.stream);
        video.hidden = !one.media.video && !one.media.screen;
        figure.classList.toggle('muted', !one.media.audio);
        figure.classList.toggle('screen', one.media.screen);
        figure.dataset['state'] = one.state;
      }
      for (const [id, { element: figure, video }] of tiles) {
        if (people.some((one) => one.id === id)) continue;
        video.srcObject = null;
        figure.remove();
        tiles.delete(id);
      }
      element.hidden = tiles.size === 0;
    },
  };
}
