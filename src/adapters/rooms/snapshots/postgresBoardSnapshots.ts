import type pg from 'pg';
import type { BoardSnapshots, SnapshotFacts } from '../../../ports/boardSnapshots.ts';

type FactsRow = { version: number; schema_version: number; sha256: string; bytes: number; shapes: number };
const factColumns = 'version, schema_version, sha256, octet_length(doc) as bytes, shapes';
const toFacts = (row: FactsRow): SnapshotFacts => ({ version: row.version, schemaVersion: row.schema_version, sha256: row.sha256, bytes: row.bytes, shapes: row.shapes });

/** One statement's share of a blob: Postgres sends it as hex, and reading that back holds the process for about a millisecond a megabyte. */
const sliceBytes = 1024 * 1024;

/** Kept boards in lectern.board_snapshots, restored ones in lectern.board_blobs. */
export function createPostgresBoardSnapshots(pool: pg.Pool): BoardSnapshots {
  /** `column` and `where` are ours. A blob that is gone between two slices reads as not there. */
  async function slices(column: 'doc' | 'memory', table: 'board_snapshots' | 'board_blobs', where: string, values: readonly unknown[]): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let at = 1; ; at += sliceBytes) {
      const { rows: [row] } = await pool.query<{ part: Buffer; size: number }>(
        `select substring(${column} from ${at} for ${sliceBytes}) as part, octet_length(${column}) as size from lectern.${table} where ${where}`, [...values],
      );
      if (!row) return undefined;
      parts.push(row.part);
      if (at + sliceBytes > row.size) return parts.length === 1 ? row.part : Buffer.concat(parts);
    }
  }
  const ofVersion = 'room = $1 and version = $2';

  return {
    async newest(roomId, atMost = 2_147_483_647) {
      const { rows: [row] } = await pool.query<FactsRow>(`select ${factColumns} from lectern.board_snapshots where room = $1 and version <= $2 order by version desc limit 1`, [roomId, atMost]);
      return row && toFacts(row);
    },

    async read(roomId, version) {
      const [doc, memory] = await Promise.all([slices('doc', 'board_snapshots', ofVersion, [roomId, version]), slices('memory', 'board_snapshots', ofVersion, [roomId, version])]);
      return doc && memory && { doc, memory };
    },

    readMemory: (roomId, version) => slices('memory', 'board_snapshots', ofVersion, [roomId, version]),

    async readDoc(roomId, version) {
      const { rows: [row] } = await pool.query<FactsRow>(`select ${factColumns} from lectern.board_snapshots where ${ofVersion}`, [roomId, version]);
      const doc = row && (await slices('doc', 'board_snapshots', ofVersion, [roomId, version]));
      return doc && { facts: toFacts(row), doc };
    },

    async save(roomId, { version, schemaVersion, sha256, shapes }, { doc, memory }) {
      await pool.query(
        `insert into lectern.board_snapshots (room, version, schema_version, doc, memory, sha256, shapes) values ($1, $2, $3, $4, $5, $6, $7) on conflict (room, version) do nothing`,
        [roomId, version, schemaVersion, doc, memory, sha256, shapes],
      );
    },

    async untidied(moreThan) {
      const { rows } = await pool.query<{ room: string }>(
        `select room from (select distinct room from lectern.board_snapshots where not tidied) fresh
         where (select count(*) from lectern.board_snapshots b where b.room = fresh.room) > $1 order by room`, [moreThan],
      );
      return rows.map(({ room }) => room);
    },
    async tidied(roomId, upTo) {
      await pool.query('update lectern.board_snapshots set tidied = true where room = $1 and version <= $2 and not tidied', [roomId, upTo]);
    },
    async versions(roomId) {
      const { rows } = await pool.query<{ version: number }>('select version from lectern.board_snapshots where room = $1 order by version', [roomId]);
      return rows.map(({ version }) => version);
    },
    async remove(roomId, versions) {
      const { rowCount } = await pool.query('delete from lectern.board_snapshots where room = $1 and version = any($2::integer[])', [roomId, [...versions]]);
      return rowCount ?? 0;
    },

    async saveBlob(sha256, doc) {
      await pool.query('insert into lectern.board_blobs (sha256, doc) values ($1, $2) on conflict (sha256) do nothing', [sha256, doc]);
    },
    readBlob: (sha256) => slices('doc', 'board_blobs', 'sha256 = $1', [sha256]),
  };
}
