import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { Journal } from './journal.ts';
import { wholeSeconds, type MeetingInput } from './meetingInput.ts';
import { ZoomError, type Participant, type StoredMeeting, type ZoomUser } from './types.ts';

/** What the sandbox knows: users and meetings, and how they change. */
export type School = {
  /** By id or e-mail. @throws ZoomError 404 code 1001 */
  user(accountId: string, idOrEmail: string): ZoomUser;
  putUser(user: { email: string; type?: 1 | 2; accountId: string }): ZoomUser;
  users(): ZoomUser[];
  /** By number, or by UUID of the current or a past instance. @throws ZoomError 404 code 3001 */
  meeting(id: string, accountId?: string): StoredMeeting;
  meetings(): StoredMeeting[];
  create(host: ZoomUser, input: MeetingInput): StoredMeeting;
  change(meeting: StoredMeeting, input: MeetingInput): void;
  remove(meeting: StoredMeeting): void;
  start(meeting: StoredMeeting): void;
  end(meeting: StoredMeeting): void;
  join(meeting: StoredMeeting, person: { userName: string; email: string }): Participant;
  leave(meeting: StoredMeeting, participant: Participant): void;
};

export function createSchool(journal: Journal, now: () => Date, unknownUsers: 'provision' | 'refuse'): School {
  const save = (meeting: StoredMeeting) => journal.put('meeting', String(meeting.id), meeting);
  const users = () => journal.all<ZoomUser>('user');
  const meetings = () => journal.all<StoredMeeting>('meeting');

  const putUser: School['putUser'] = ({ email, type = 2, accountId }) => {
    // From the address, so that the same person has the same id after the state file was thrown away.
    const id = createHash('sha256').update(`${accountId} ${email.toLowerCase()}`).digest('base64url').slice(0, 22);
    const user: ZoomUser = { id, email, accountId, type, createdAt: wholeSeconds(now()) };
    journal.put('user', id, user);
    return user;
  };

  return {
    users,
    putUser,
    meetings,
    user(accountId, idOrEmail) {
      const known = users().find((user) => user.accountId === accountId && (user.id === idOrEmail || user.email.toLowerCase() === idOrEmail.toLowerCase()));
      if (known) return known;
      if (unknownUsers === 'provision' && idOrEmail.includes('@')) return putUser({ email: idOrEmail, accountId });
      throw new ZoomError(404, 1001, `User does not exist: ${idOrEmail}.`);
    },
    meeting(id, accountId) {
      const found = journal.get<StoredMeeting>('meeting', id) ?? meetings().find((m) => m.uuid === id || m.past.some((instance) => instance.uuid === id));
      if (!found || (accountId !== undefined && found.accountId !== accountId)) throw new ZoomError(404, 3001, `Meeting does not exist: ${id}.`);
      return found;
    },
    create(host, input) {
      const meeting: StoredMeeting = {
        id: freshNumber(journal), uuid: freshUuid(), hostId: host.id, accountId: host.accountId,
        topic: input.topic ?? 'Zoom Meeting', agenda: input.agenda ?? '', type: input.type ?? 2,
        startTime: input.startTime ?? wholeSeconds(now()), duration: input.duration ?? 60, timezone: input.timezone ?? 'UTC',
        password: input.password ?? randomBytes(4).toString('base64url'), autoRecording: recordingOf(host, input), createdAt: wholeSeconds(now()), past: [],
      };
      save(meeting);
      return meeting;
    },
    change(meeting, input) {
      Object.assign(meeting, input);
      save(meeting);
    },
    remove: (meeting) => journal.remove('meeting', String(meeting.id)),
    start(meeting) {
      meeting.running = { startedAt: wholeSeconds(now()), participants: [] };
      save(meeting);
    },
    end(meeting) {
      if (!meeting.running) return;
      meeting.past.push({ uuid: meeting.uuid, startedAt: meeting.running.startedAt, endedAt: wholeSeconds(now()) });
      delete meeting.running;
      meeting.uuid = freshUuid();
      save(meeting);
    },
    join(meeting, { userName, email }) {
      const participant: Participant = { userId: String(randomInt(16_778_240, 33_555_456)), userName, email, uuid: randomBytes(16).toString('hex').toUpperCase(), joinedAt: wholeSeconds(now()) };
      meeting.running?.participants.push(participant);
      save(meeting);
      return participant;
    },
    leave(meeting, participant) {
      if (meeting.running) meeting.running.participants = meeting.running.participants.filter((p) => p.uuid !== participant.uuid);
      save(meeting);
    },
  };
}

/** A Basic licence has no cloud recording: Zoom takes the request and records nothing. */
const recordingOf = (host: ZoomUser, input: MeetingInput) => (host.type === 1 && input.autoRecording === 'cloud' ? 'none' : (input.autoRecording ?? 'none'));

function freshNumber(journal: Journal): number {
  const number = randomInt(80_000_000_000, 99_999_999_999);
  return journal.get('meeting', String(number)) === undefined ? number : freshNumber(journal);
}

/** Base64 of 16 bytes, as Zoom's are; one in four begins with `/` or holds `//`, the two that must be encoded twice in a path. */
function freshUuid(): string {
  const bytes = randomBytes(16);
  const sort = randomInt(8);
  if (sort === 0) bytes[0] = 0xff;
  if (sort === 1) bytes.fill(0xff, 3, 6);
  return bytes.toString('base64');
}
