import fc from 'fast-check';
import { zoomMeeting, type ZoomMeetingCommand, type ZoomMeetingEvent } from '../../src/domain/zoomMeeting/index.ts';
import { DomainError } from '../../src/domain/kernel/domainError.ts';
import { given } from './scenario.ts';

const plan = { accountId: 'zoom1', title: 'German', startsAt: '2026-03-02T17:00:00.000Z', zone: 'Europe/Berlin', durationMinutes: 60, autoRecord: false };
const at = '2026-03-02T08:00:00.000Z';
const of = { lessonId: 'l' };
const claimed = (generation: number): ZoomMeetingEvent => ({ type: 'MeetingClaimed', data: { ...of, generation, claimedAt: at, ...plan } });
const created = (generation: number): ZoomMeetingEvent => ({
  type: 'MeetingCreated', data: { ...of, generation, accountId: 'zoom1', meetingId: `m${generation}`, uuid: `u${generation}`, joinUrl: 'https://j', passcode: '1', adopted: false },
});
const deleted = (generation: number): ZoomMeetingEvent => ({ type: 'MeetingDeleted', data: { ...of, generation, meetingId: `m${generation}`, alreadyGone: false } });
const failed = (generation: number, parked = false): ZoomMeetingEvent => ({ type: 'MeetingFailed', data: { ...of, generation, code: 'unavailable', message: '', parked } });
const claim: ZoomMeetingCommand = { ...of, type: 'claim', plan, at };
const create = (generation: number, meetingId = `m${generation}`): ZoomMeetingCommand =>
  ({ ...of, type: 'created', generation, meetingId, uuid: 'u', joinUrl: 'https://j', passcode: '1', adopted: false });

describe('a lesson\'s meeting at the vendor', () => {
  it('is claimed before it is made, once for the same plan', () => {
    given(zoomMeeting).when(claim).then({ type: 'MeetingClaimed', data: { generation: 1, ...plan } });
    given(zoomMeeting, claimed(1)).when(claim).nothing();
    given(zoomMeeting, claimed(1), created(1)).when(claim).nothing();
  });

  it('is not claimed anew while the one before may exist', () => {
    const other = { ...claim, plan: { ...plan, accountId: 'zoom2' } } as ZoomMeetingCommand;
    for (const history of [[claimed(1)], [claimed(1), created(1)], [claimed(1), failed(1)]]) given(zoomMeeting, ...history).when(other).refuses('meetingNotSettled', { generation: 1 });
    given(zoomMeeting, claimed(1), created(1), deleted(1)).when(other).then({ type: 'MeetingClaimed', data: { generation: 2, accountId: 'zoom2' } });
  });

  it('is recorded for the generation that is current, and no other', () => {
    given(zoomMeeting, claimed(1)).when(create(1)).then({ type: 'MeetingCreated', data: { meetingId: 'm1', accountId: 'zoom1' } });
    given(zoomMeeting, claimed(1), failed(1)).when(create(1)).then({ type: 'MeetingCreated' });
    given(zoomMeeting, claimed(1), created(1)).when(create(1)).nothing();
    given(zoomMeeting, claimed(1), created(1)).when(create(1, 'another')).refuses('meetingOutdated');
    given(zoomMeeting, claimed(1), deleted(1)).when(create(1)).refuses('meetingOutdated');
    given(zoomMeeting, claimed(1), deleted(1), claimed(2)).when(create(1)).refuses('meetingOutdated', { current: 2 });
  });

  it('tells a failure once, and again when it is parked', () => {
    const fail = (parked: boolean): ZoomMeetingCommand => ({ ...of, type: 'failed', generation: 1, code: 'unavailable', message: '', parked });
    given(zoomMeeting, claimed(1)).when(fail(false)).then({ type: 'MeetingFailed' });
    given(zoomMeeting, claimed(1), failed(1)).when(fail(false)).nothing();
    given(zoomMeeting, claimed(1), failed(1)).when(fail(true)).then({ type: 'MeetingFailed', data: { parked: true } });
    given(zoomMeeting, claimed(1), deleted(1)).when(fail(true)).nothing();
  });

  it('starts and ends by what webhooks tell of any of its generations, each instance once', () => {
    const runs = (type: 'started' | 'ended', meetingId: string, uuid: string): ZoomMeetingCommand => ({ ...of, type, meetingId, uuid, at });
    const second = [claimed(1), created(1), deleted(1), claimed(2), created(2)];
    given(zoomMeeting, ...second).when(runs('started', 'm2', 'x')).then({ type: 'MeetingStarted', data: { generation: 2 } });
    given(zoomMeeting, ...second).when(runs('ended', 'm1', 'x')).then({ type: 'MeetingEnded', data: { generation: 1 } });
    given(zoomMeeting, ...second).when(runs('ended', 'nobody', 'x')).nothing();
    const ended: ZoomMeetingEvent = { type: 'MeetingEnded', data: { ...of, generation: 2, meetingId: 'm2', uuid: 'x', at } };
    given(zoomMeeting, ...second, ended).when(runs('started', 'm2', 'x')).nothing();
    given(zoomMeeting, ...second, ended).when(runs('ended', 'm2', 'x')).nothing();
  });

  it('comes to the same state in whatever order webhooks arrive, however often, and never changes by those of an older generation', () => {
    const second = [claimed(1), created(1), deleted(1), claimed(2), created(2)];
    const told: ZoomMeetingCommand[] = ['u1', 'u2', 'u3'].flatMap((uuid) => (['started', 'ended'] as const).map((type) => ({ ...of, type, meetingId: 'm2', uuid, at })));
    const old: ZoomMeetingCommand[] = (['started', 'ended'] as const).map((type) => ({ ...of, type, meetingId: 'm1', uuid: 'old', at }));
    fc.assert(fc.property(fc.shuffledSubarray([...told, ...told, ...old, ...old], { minLength: 16, maxLength: 16 }), (arrivals) => {
      let { state } = given(zoomMeeting, ...second);
      for (const command of arrivals) for (const event of zoomMeeting.decider.decide(command, state)) state = zoomMeeting.decider.evolve(state, event);
      expect(state).toMatchObject({ status: 'created', generation: 2, meetingId: 'm2', runningUuid: '' });
      expect([...state.endedUuids].sort()).toEqual(['old', 'u1', 'u2', 'u3']);
    }));
  });

  it('has at most one generation that may exist, whatever is tried', () => {
    const command = fc.oneof(
      fc.constantFrom('zoom1', 'zoom2').map((accountId): ZoomMeetingCommand => ({ ...of, type: 'claim', plan: { ...plan, accountId }, at })),
      fc.integer({ min: 1, max: 4 }).map((generation) => create(generation)),
      fc.record({ generation: fc.integer({ min: 1, max: 4 }), parked: fc.boolean() }).map((more): ZoomMeetingCommand => ({ ...of, type: 'failed', code: 'c', message: '', ...more })),
      fc.integer({ min: 1, max: 4 }).map((generation): ZoomMeetingCommand => ({ ...of, type: 'deleted', generation, meetingId: '', alreadyGone: true })),
    );
    fc.assert(fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      let { state } = given(zoomMeeting);
      const open = new Set<number>();
      for (const one of commands) {
        let events: ZoomMeetingEvent[] = [];
        try {
          events = zoomMeeting.decider.decide(one, state);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
        }
        for (const event of events) {
          if (event.type === 'MeetingClaimed') open.add(event.data.generation);
          if (event.type === 'MeetingDeleted') open.delete(event.data.generation);
          if (event.type === 'MeetingCreated') expect(open.has(event.data.generation)).toBe(true);
          state = zoomMeeting.decider.evolve(state, event);
        }
        expect(open.size).toBeLessThanOrEqual(1);
      }
    }));
  });
});
