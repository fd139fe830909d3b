import { createHash, randomBytes } from 'node:crypto';
import { channels, type Channel } from '../../commands/rooms/protocol/envelope.ts';
import { limits } from '../../commands/rooms/protocol/closeCodes.ts';
import type { Sql } from '../../projections/engine/readModel.ts';

/** What a ticket opens: one socket of one person's device. */
export type TicketHolder = { roomId: string; personId: string; deviceId: string };
export type Admission = TicketHolder & { channel: Channel };

export type RoomTickets = {
  /** One for each channel, good for 30 s of real time, whatever the school's clock says. */
  issue(holder: TicketHolder): Promise<{ tickets: Record<Channel, string>; expiresAt: Date }>;
  /** Uses it up. @returns undefined when it is unknown, used or too old */
  redeem(ticket: string): Promise<Admission | undefined>;
  /** Forgets those that nobody used. @returns how many */
  purge(): Promise<number>;
};

const hashOf = (ticket: string): Buffer => createHash('sha256').update(ticket).digest();
const form = /^[A-Za-z0-9_-]{32}$/;

export function createRoomTickets(sql: Sql, lifetimeMs: number = limits.ticketMs): RoomTickets {
  return {
    async issue({ roomId, personId, deviceId }) {
      const tickets = Object.fromEntries(channels.map((channel) => [channel, randomBytes(24).toString('base64url')])) as Record<Channel, string>;
      const { rows } = await sql.query<{ expires_at: Date }>(
        `insert into lectern.room_tickets (ticket_hash, room_id, person_id, channel, device_id, expires_at)
         select hash, $1, $2, channel, $3, now() + $4 * interval '1 millisecond' from unnest($5::bytea[], $6::text[]) as t (hash, channel)
         returning expires_at`,
        [roomId, personId, deviceId, lifetimeMs, channels.map((channel) => hashOf(tickets[channel])), channels],
      );
      return { tickets, expiresAt: rows[0]?.expires_at ?? new Date() };
    },

    async redeem(ticket) {
      if (!form.test(ticket)) return undefined;
      const { rows: [row] } = await sql.query<{ room_id: string; person_id: string; channel: Channel; device_id: string; fresh: boolean }>(
        'delete from lectern.room_tickets where ticket_hash = $1 returning room_id, person_id, channel, device_id, expires_at > now() as fresh',
        [hashOf(ticket)],
      );
      return row?.fresh ? { roomId: row.room_id, personId: row.person_id, channel: row.channel, deviceId: row.device_id } : undefined;
    },

    async purge() {
      const { rowCount } = await sql.query(`delete from lectern.room_tickets where expires_at < now() - interval '1 minute'`);
      return rowCount ?? 0;
    },
  };
}
