import { MeetingsError, type Meetings } from '../../../src/ports/meetings.ts';

/** A vendor on the desk: says what tests told it to say. The real adapter has its own tests against the sandbox. */
export function deskVendor() {
  const live = new Map<string, Set<string>>();
  let down = false;
  let urls = 0;
  const answer = <T>(value: T): Promise<T> => (down ? Promise.reject(new MeetingsError('unavailable', 'the vendor is away')) : Promise.resolve(value));
  const meetings: Meetings = {
    create: ({ user }, { ref }) => answer({ id: `m-${ref}`, uuid: `u-${ref}`, joinUrl: `https://join.example/${user}/${ref}`, passcode: '1' }),
    find: () => answer([]),
    list: () => answer([]),
    delete: () => answer('deleted' as const),
    end: () => answer(undefined),
    live: ({ user }) => answer([...(live.get(user) ?? [])]),
    startUrl: (_, meetingId) => answer(`https://start.example/${meetingId}?n=${(urls += 1)}`),
  };
  return {
    meetings,
    goDown: () => void (down = true),
    comeBack: () => void (down = false),
    report: (user: string, meetingIds: readonly string[]) => void live.set(user, new Set(meetingIds)),
  };
}
