import type { OpenRoom } from '../../client/index.ts';

/** What this person may do, for what the page offers. The server decides; this only spares people buttons that do nothing. */
export type Rights = {
  may(name: string): boolean;
  /** False until the server has said them, on whichever socket is first. */
  areKnown(): boolean;
  mayEdit(author: string): boolean;
  isHost(): boolean;
  /** A sentence for the person; undefined: they may. */
  whyNotDraw(): string | undefined;
};

export const overWords = 'The lesson is over: the board can be read, not drawn on.';

export function createRights({ board, system, joined }: OpenRoom, changed: () => void): Rights {
  // Both sockets may have spoken before the page was there.
  const known = system.rights() ?? board.welcome();
  let permissions: Readonly<Record<string, boolean | string>> | undefined = known?.permissions;
  let role: string = system.rights()?.role ?? board.welcome()?.you.role ?? joined.role;
  board.on('welcome', (welcome) => {
    permissions = welcome.permissions;
    role = welcome.you.role;
    changed();
  });
  system.on('permissions', (now) => {
    ({ permissions, role } = now);
    changed();
  });
  let isOver = false;
  const over = (state: { is: string; reason?: string }): void => {
    if (state.is !== 'ended' || state.reason !== 'roomEnded') return;
    isOver = true;
    changed();
  };
  board.on('connection', over);
  system.on('connection', over);
  system.on('status', changed);
  const isHost = (): boolean => role === 'host' || role === 'solo';
  const may = (name: string): boolean => permissions?.[name] === true;
  return {
    may, isHost,
    areKnown: () => permissions !== undefined,
    mayEdit(author) {
      const edit = permissions?.['edit'];
      return this.whyNotDraw() === undefined && (edit === 'all' || (edit === 'own' && author === joined.personId));
    },
    whyNotDraw() {
      const status = system.status();
      if (isOver || (status && ['completed', 'terminated', 'expired'].includes(status.status))) return overWords;
      if (system.people().get(joined.personId)?.waiting) return 'The teacher has not let you in yet.';
      if (!may('draw') && permissions?.['edit'] === 'none') return 'You are watching: you cannot draw in this lesson.';
      if (isHost()) return undefined;
      if (status?.status === 'scheduled' || status?.status === 'waiting') return 'You can draw once the lesson has begun.';
      if (status?.status === 'paused') return 'The lesson is paused: you can draw when it goes on.';
      if (status?.locked) return 'The board is locked until the teacher is back.';
      if (!may('draw')) return 'You cannot draw new things in this lesson.';
      return undefined;
    },
  };
}
