import { zoomAccount, type ZoomAccountCommand, type ZoomAccountEvent } from '../../src/domain/zoomAccount/index.ts';
import { poolId, zoomPool } from '../../src/domain/zoomPool/index.ts';
import { given } from './scenario.ts';

const at = '2026-03-02T08:00:00.000Z';
const registered = (capacity: number): ZoomAccountEvent => ({ type: 'ZoomAccountRegistered', data: { accountId: 'a', zoomUser: 'host@x', capacity, credentialsRef: 'main', cloudRecording: true } });
const disabled: ZoomAccountEvent = { type: 'ZoomAccountDisabled', data: { accountId: 'a', reason: 'expired' } };
const hour = (h: number) => `2026-03-02T${String(h).padStart(2, '0')}:00:00.000Z`;
const planned = (holder: string, from: number, until = from + 1): ZoomAccountEvent => ({ type: 'PlaceReserved', data: { reservationId: `${holder}.1`, holder, from: hour(from), until: hour(until), reservedAt: at } });
const leased = (holder: string): ZoomAccountEvent => ({ type: 'LeaseAcquired', data: { leaseId: `lease ${holder}`, holder, acquiredAt: at, until: hour(12) } });
const reserve = (holder: string, from: number): ZoomAccountCommand => ({ type: 'reserve', reservationId: `${holder}.1`, holder, from: hour(from), until: hour(from + 1), gapMinutes: 5, at });
const change = (more: { capacity?: number; cloudRecording?: boolean }): ZoomAccountCommand => ({ type: 'change', gapMinutes: 5, at, ...more });

describe('a Zoom account', () => {
  it('is registered once, with at least one place', () => {
    const register: ZoomAccountCommand = { type: 'register', accountId: 'a', zoomUser: 'host@x', capacity: 2, credentialsRef: 'main', cloudRecording: true };
    given(zoomAccount).when(register).then({ type: 'ZoomAccountRegistered' });
    given(zoomAccount, registered(2)).when(register).refuses('zoomAccountExists');
    given(zoomAccount).when({ ...register, capacity: 0 }).refuses('invalidCapacity');
    given(zoomAccount).when({ ...register, capacity: 1.5 }).refuses('invalidCapacity');
  });

  it('that was never registered takes nothing', () => {
    given(zoomAccount).when(reserve('l', 10)).refuses('zoomAccountNotFound');
    given(zoomAccount).when({ type: 'enable' }).refuses('zoomAccountNotFound');
  });

  it('keeps a gap between two lessons on one place', () => {
    given(zoomAccount, registered(1), planned('k', 10)).when(reserve('l', 11)).refuses('placeTaken', { conflicts: [{ lessonId: 'k', from: hour(10), until: hour(11) }] });
    given(zoomAccount, registered(1), planned('k', 10)).when({ ...reserve('l', 11), gapMinutes: 0 } as ZoomAccountCommand).then({ type: 'PlaceReserved' });
    given(zoomAccount, registered(2), planned('k', 10)).when(reserve('l', 11)).then({ type: 'PlaceReserved' });
  });

  it('is not lowered below its plan: what would have no place is listed', () => {
    const busy = given(zoomAccount, registered(2), planned('k', 10), planned('l', 10), planned('m', 14));
    busy.when(change({ capacity: 1 })).refuses('zoomAccountHasReservations', { reservations: [{ lessonId: 'l' }] });
    busy.when(change({ capacity: 3 })).then({ type: 'ZoomAccountChanged', data: { capacity: 3 } });
    busy.when({ ...change({ capacity: 1 }), at: hour(13) } as ZoomAccountCommand).then({ type: 'ZoomAccountChanged' });
    given(zoomAccount, registered(2), leased('k'), leased('l')).when(change({ capacity: 1 })).refuses('zoomAccountInUse', { leases: [{ holder: 'k' }, { holder: 'l' }] });
  });

  it('gives up cloud recording only when every planned lesson is known to do without', () => {
    const busy = given(zoomAccount, registered(2), planned('k', 10), planned('l', 10));
    const off = change({ cloudRecording: false });
    busy.when(off).refuses('zoomAccountHasReservations', { reservations: [{ lessonId: 'k' }, { lessonId: 'l' }] });
    busy.when({ ...off, unrecorded: new Set(['k.1']) } as ZoomAccountCommand).refuses('zoomAccountHasReservations', { reservations: [{ lessonId: 'l' }] });
    busy.when({ ...off, unrecorded: new Set(['k.1', 'l.1']) } as ZoomAccountCommand).then({ type: 'ZoomAccountChanged', data: { cloudRecording: false } });
    busy.when({ ...off, at: hour(13) } as ZoomAccountCommand).then({ type: 'ZoomAccountChanged' });
  });

  it('is not disabled while lessons are planned on it, and takes no new ones when it is', () => {
    const disable: ZoomAccountCommand = { type: 'disable', reason: 'expired', at };
    given(zoomAccount, registered(1), planned('k', 10)).when(disable).refuses('zoomAccountHasReservations', { reservations: [{ lessonId: 'k' }] });
    given(zoomAccount, registered(1), planned('k', 10)).when({ ...disable, at: hour(11) }).then({ type: 'ZoomAccountDisabled' });
    given(zoomAccount, registered(1), disabled).when(disable).nothing();
    given(zoomAccount, registered(1), disabled).when(reserve('l', 10)).refuses('zoomAccountDisabled');
    given(zoomAccount, registered(1), disabled).when({ type: 'acquireLease', leaseId: 'x', holder: 'l', until: hour(12), at }).refuses('zoomAccountDisabled');
    given(zoomAccount, registered(1), disabled).when({ type: 'enable' }).then({ type: 'ZoomAccountEnabled' });
    given(zoomAccount, registered(1)).when({ type: 'enable' }).nothing();
  });

  it('takes what is the same as no change', () => {
    given(zoomAccount, registered(1)).when(change({ capacity: 1, cloudRecording: true })).nothing();
  });

  it('names who holds its places when all are in use', () => {
    given(zoomAccount, registered(1), leased('k')).when({ type: 'acquireLease', leaseId: 'x', holder: 'l', until: hour(12), at })
      .refuses('noLeaseFree', { leases: [{ holder: 'k', leaseId: 'lease k', until: hour(12) }] });
  });
});

describe('the pool', () => {
  it('enlists no Zoom user twice, in whatever case it is written', () => {
    const enlisted = { type: 'ZoomUserEnlisted' as const, data: { accountId: 'a', zoomUser: 'Host@X.example' } };
    given(zoomPool).when({ type: 'enlist', accountId: 'a', zoomUser: 'Host@X.example' }).then(enlisted);
    given(zoomPool, enlisted).when({ type: 'enlist', accountId: 'b', zoomUser: ' host@x.EXAMPLE ' }).refuses('zoomUserEnlisted', { accountId: 'a' });
    given(zoomPool, enlisted).when({ type: 'enlist', accountId: 'a', zoomUser: 'host@x.example' }).nothing();
    expect(poolId).toBe('school');
  });
});

describe('a Zoom account without cloud recording', () => {
  it('takes no lesson that is to be recorded', () => {
    const plain: ZoomAccountEvent = { type: 'ZoomAccountChanged', data: { accountId: 'a', cloudRecording: false } };
    given(zoomAccount, registered(1), plain).when({ ...reserve('l', 10), recording: true } as ZoomAccountCommand).refuses('zoomAccountCannotRecord');
    given(zoomAccount, registered(1), plain).when(reserve('l', 10)).then({ type: 'PlaceReserved' });
  });
});
