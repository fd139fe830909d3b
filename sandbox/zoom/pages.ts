import { randomBytes } from 'node:crypto';
import type { Lifecycle } from './lifecycle.ts';
import type { School } from './school.ts';
import type { Answer, StoredMeeting } from './types.ts';

/** A host login lives 2 h of real time. */
const zakLifetimeMs = 2 * 3600_000;

export type Pages = {
  zak(userId: string): string;
  /** `/s/{id}?zak=` starts the meeting, `/j/{id}?pwd=` joins it: what a browser sees behind the links. */
  answer(path: string[], query: URLSearchParams): Answer;
};

export function createPages(school: School, lifecycle: Lifecycle): Pages {
  const zaks = new Map<string, { userId: string; until: number }>();

  function start(meeting: StoredMeeting, zak: string): Answer {
    const login = zaks.get(zak);
    if (!login || login.until < Date.now() || login.userId !== meeting.hostId) return page(403, 'This start link has expired.');
    lifecycle.start(meeting);
    return page(200, `You are the host. "${meeting.topic}" is running.`);
  }

  function join(meeting: StoredMeeting, password: string): Answer {
    if (password !== meeting.password) return page(403, 'The passcode is wrong.');
    if (!meeting.running) return page(200, `Please wait for the host to start "${meeting.topic}".`);
    lifecycle.join(meeting, { userName: 'A guest', email: 'guest@example.com' });
    return page(200, `You have joined "${meeting.topic}".`);
  }

  return {
    zak(userId) {
      for (const [zak, login] of zaks) if (login.until < Date.now()) zaks.delete(zak);
      const zak = `sandbox-zak-${randomBytes(24).toString('base64url')}`;
      zaks.set(zak, { userId, until: Date.now() + zakLifetimeMs });
      return zak;
    },
    answer(path, query) {
      const meeting = school.meeting(path[1] ?? '');
      return path[0] === 's' ? start(meeting, query.get('zak') ?? '') : join(meeting, query.get('pwd') ?? '');
    },
  };
}

const escape = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const page = (status: number, text: string): Answer => ({ status, body: `<!doctype html><meta charset="utf-8"><title>Zoom sandbox</title><p>${escape(text)}</p>` });
