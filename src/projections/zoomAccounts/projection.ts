import { zoomAccountEvents } from '../../domain/zoomAccount/events.ts';
import type { ReadModel } from '../engine/readModel.ts';
import { foldInto, type FoldedTable } from '../foldedTable.ts';
import { streamOf } from '../streams.ts';
import { zoomAccountsSchema } from './schema.ts';

const category = 'zoomAccount-';

export type ActiveLease = { leaseId: string; holder: string; acquiredAt: string; until: string; overranAt: string | null };

type AccountRow = {
  account_id: string; zoom_user: string; capacity: number; credentials_ref: string; cloud_recording: boolean;
  registered: boolean; enabled: boolean; disabled_reason: string | null; registered_at: string | null; revision: number;
  /** In the order they were acquired. */
  active_leases: ActiveLease[];
};

const accounts: FoldedTable<AccountRow> = {
  name: 'accounts',
  key: ['account_id'],
  columns: ['account_id', 'zoom_user', 'capacity', 'credentials_ref', 'cloud_recording', 'registered', 'enabled', 'disabled_reason', 'registered_at', 'revision', 'active_leases'],
  timestamps: ['registered_at'],
  keyOf: (event) => (event.stream.startsWith(category) ? [streamOf(event.stream)[1]] : undefined),
  fresh: ([accountId = '']) => ({
    account_id: accountId, zoom_user: '', capacity: 0, credentials_ref: '', cloud_recording: false,
    registered: false, enabled: false, disabled_reason: null, registered_at: null, revision: -1, active_leases: [],
  }),
  evolve: (row, event) => {
    row.revision = event.revision;
    switch (event.type) {
      case 'ZoomAccountRegistered':
        row.zoom_user = event.data.zoomUser;
        row.capacity = event.data.capacity;
        row.credentials_ref = event.data.credentialsRef;
        row.cloud_recording = event.data.cloudRecording;
        row.registered = true;
        row.enabled = true;
        row.registered_at = event.metadata.occurredAt;
        return;
      case 'ZoomAccountChanged':
        row.capacity = event.data.capacity ?? row.capacity;
        row.credentials_ref = event.data.credentialsRef ?? row.credentials_ref;
        row.cloud_recording = event.data.cloudRecording ?? row.cloud_recording;
        return;
      case 'ZoomAccountDisabled':
        row.enabled = false;
        row.disabled_reason = event.data.reason;
        return;
      case 'ZoomAccountEnabled':
        row.enabled = true;
        row.disabled_reason = null;
        return;
      case 'LeaseAcquired': {
        const { leaseId, holder, acquiredAt, until } = event.data;
        row.active_leases = [...row.active_leases.filter((lease) => lease.leaseId !== leaseId), { leaseId, holder, acquiredAt, until, overranAt: null }];
        return;
      }
      case 'LeaseReleased':
        row.active_leases = row.active_leases.filter(({ leaseId }) => leaseId !== event.data.leaseId);
        return;
      case 'LeaseOverran':
        row.active_leases = row.active_leases.map((lease) => (lease.leaseId === event.data.leaseId ? { ...lease, overranAt: event.data.observedAt } : lease));
        return;
      default:
    }
  },
};

type ReservationRow = {
  account_id: string; reservation_id: string; holder: string; from_at: string; until_at: string;
  reserved_position: string; released_position: string | null; released_at: string | null; release_reason: string | null;
};

const reservations: FoldedTable<ReservationRow> = {
  name: 'reservations',
  key: ['account_id', 'reservation_id'],
  columns: ['account_id', 'reservation_id', 'holder', 'from_at', 'until_at', 'reserved_position', 'released_position', 'released_at', 'release_reason'],
  timestamps: ['from_at', 'until_at', 'released_at'],
  beginsAnew: (event) => event.type === 'PlaceReserved',
  keyOf: (event) =>
    (event.type === 'PlaceReserved' || event.type === 'PlaceReleased') && event.stream.startsWith(category)
      ? [event.stream.slice(category.length), event.data.reservationId]
      : undefined,
  // A release without its reservation would be a broken log; its row then holds the empty interval at the release.
  fresh: ([accountId = '', reservationId = '']) => ({
    account_id: accountId, reservation_id: reservationId, holder: '', from_at: 'epoch', until_at: 'epoch',
    reserved_position: '', released_position: null, released_at: null, release_reason: null,
  }),
  evolve: (row, event) => {
    if (event.type === 'PlaceReserved') {
      row.holder = event.data.holder;
      row.from_at = event.data.from;
      row.until_at = event.data.until;
      row.reserved_position = event.position;
      row.released_position = null;
      row.released_at = null;
      row.release_reason = null;
    } else if (event.type === 'PlaceReleased') {
      row.released_position = event.position;
      row.released_at = event.data.releasedAt;
      row.release_reason = event.data.reason;
    }
  },
};

type LeaseRow = {
  account_id: string; lease_id: string; holder: string; acquired_at: string; until_at: string;
  overran_at: string | null; released_at: string | null; release_reason: string | null;
};

const leases: FoldedTable<LeaseRow> = {
  name: 'leases',
  key: ['account_id', 'lease_id'],
  columns: ['account_id', 'lease_id', 'holder', 'acquired_at', 'until_at', 'overran_at', 'released_at', 'release_reason'],
  timestamps: ['acquired_at', 'until_at', 'overran_at', 'released_at'],
  beginsAnew: (event) => event.type === 'LeaseAcquired',
  keyOf: (event) => {
    switch (event.type) {
      case 'LeaseAcquired': case 'LeaseReleased': case 'LeaseOverran': return [streamOf(event.stream)[1], event.data.leaseId];
      default: return undefined;
    }
  },
  fresh: ([accountId = '', leaseId = '']) => ({
    account_id: accountId, lease_id: leaseId, holder: '', acquired_at: 'epoch', until_at: 'epoch', overran_at: null, released_at: null, release_reason: null,
  }),
  evolve: (row, event) => {
    switch (event.type) {
      case 'LeaseAcquired':
        row.holder = event.data.holder;
        row.acquired_at = event.data.acquiredAt;
        row.until_at = event.data.until;
        row.overran_at = null;
        row.released_at = null;
        row.release_reason = null;
        return;
      case 'LeaseReleased':
        row.released_at = event.data.releasedAt;
        row.release_reason = event.data.reason;
        return;
      case 'LeaseOverran': row.overran_at = event.data.observedAt; return;
      default:
    }
  },
};

export const zoomAccounts: ReadModel = {
  name: 'zoomAccounts',
  version: 1,
  types: Object.keys(zoomAccountEvents),
  schemaSql: zoomAccountsSchema,
  async project(events, db, schema) {
    await foldInto(accounts, events, db, schema);
    await foldInto(reservations, events, db, schema);
    await foldInto(leases, events, db, schema);
  },
};
