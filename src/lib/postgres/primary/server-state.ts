// The state that a server reports: primary or standby, its timeline, and the position of its log.
import type pg from 'pg';
import { parseLsn } from '../lsn';

export interface ServerState {
  standby: boolean;
  /** The timeline, which grows with each promotion. For a standby: that of its last restart point; undefined if the login may not read it. */
  timeline: number | undefined;
  /** The identifier of the cluster; undefined if the login may not read it. */
  system: string | undefined;
  /** The end of a primary's log, or the position that a standby has replayed. All that the primary shows as committed is below its position. */
  position: bigint;
}

/** The timeline that is being written. The control file has it only after the first checkpoint of a new primary. */
const WRITTEN =
  "('x' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::int";

/**
 * The insert position, since with `synchronous_commit = off` a commit is visible before it is written, but not before it is inserted. At the
 * beginning of a page that position is behind the page's header (24 bytes; 40 in the first page of a file), which a standby never reports,
 * because no record ends there. So the header is subtracted.
 */
const INSERTED = `(select at - case
    when (pg_catalog.pg_walfile_name_offset(at)).file_offset = 40 then 40
    when (at - '0/0'::pg_catalog.pg_lsn) % pg_catalog.current_setting('wal_block_size')::int = 24 then 24
    else 0 end
  from pg_catalog.pg_current_wal_insert_lsn() at)`;

const POSITION = `case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn() else ${INSERTED} end::text as position`;

const PLAIN = `select ${POSITION}, pg_catalog.pg_is_in_recovery() as standby,
  case when not pg_catalog.pg_is_in_recovery() then ${WRITTEN} end as timeline, null as system`;

const COMPLETE = `select ${POSITION}, pg_catalog.pg_is_in_recovery() as standby,
  case when pg_catalog.pg_is_in_recovery()
    then greatest((pg_catalog.pg_control_checkpoint()).timeline_id, (pg_catalog.pg_control_recovery()).min_recovery_end_timeline) else ${WRITTEN} end as timeline,
  (pg_catalog.pg_control_system()).system_identifier::text as system`;

/** SQLSTATE if the login may not call the functions of the control file. */
const NOT_ALLOWED = '42501';

interface Row {
  standby: boolean;
  position: string | null;
  timeline: number | null;
  system: string | null;
}

/** Asks a server for its state. @throws pg.DatabaseError; the errors of the connection */
export async function readServerState(client: pg.ClientBase): Promise<ServerState> {
  const row = await ask(client, COMPLETE).catch((error: unknown) => {
    if ((error as { code?: string }).code !== NOT_ALLOWED) throw error;
    return ask(client, PLAIN);
  });
  const { standby, timeline, system, position } = row;
  return {
    ...{ standby, timeline: timeline ?? undefined, system: system ?? undefined },
    position: parseLsn(position ?? '0/0'),
  };
}

async function ask(client: pg.ClientBase, text: string): Promise<Row> {
  const { rows } = await client.query<Row>(text);
  return rows[0] as Row;
}
