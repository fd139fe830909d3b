import type { OpenRoom } from '../../client/index.ts';
import type { Easel } from './easel.ts';
import type { Notices } from './panels/notices.ts';

export type Following = { isLeading(): boolean; toggleLead(): void; looked(): void };

const tellEveryMs = 200;

/** The host's view, for everybody: sent as it moves; whoever follows sees the same middle at a zoom that shows as much. */
export function createFollowing(room: OpenRoom, easel: Easel, notices: Notices, nameOf: (personId: string) => string, changed: () => void): Following {
  const { system } = room;
  let leading = false;
  let follows = true;
  let followed: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (): void => {
    timer = undefined;
    const { x, y } = easel.centre();
    system.follow({ page: easel.page(), x, y, zoom: easel.camera().zoom });
  };
  system.on('follow', ({ from, view }) => {
    if (from === room.joined.personId) return;
    if (!view) {
      if (followed !== undefined) notices.say('You look where you like again.');
      followed = undefined;
      follows = true;
      return;
    }
    if (followed !== from) {
      followed = from;
      follows = true;
      notices.show(`You see what ${nameOf(from)} sees.`, { action: { label: 'Look around', run: () => { follows = false; } } });
    }
    if (!follows) return;
    easel.goTo(view.page);
    const { clientWidth, clientHeight } = easel.element;
    const zoom = Math.min(8, Math.max(0.1, view.zoom));
    easel.look({ zoom, x: view.x - clientWidth / 2 / zoom, y: view.y - clientHeight / 2 / zoom });
  });
  // Who comes while somebody leads sees it, too.
  let here = 0;
  system.on('people', (people) => {
    const now = [...people.values()].filter(({ status }) => status === 'connected').length;
    if (leading && now > here) tell();
    here = now;
  });
  return {
    isLeading: () => leading,
    toggleLead() {
      leading = !leading;
      if (leading) tell();
      else system.follow(null);
      changed();
    },
    looked() { if (leading) timer ??= setTimeout(tell, tellEveryMs); },
  };
}
