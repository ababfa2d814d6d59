// What a move has to know of a server and its database.
import type pg from 'pg';
import type { Message } from '@/lib/failures';
import { schemaFingerprint } from '@/lib/tenant-data';
import { sayPart } from './words';

export interface ServerFacts {
  version: number;
  walLevel: string;
  replication: boolean;
  slotsFree: number;
  sendersFree: number;
  /** max_slot_wal_keep_size, bytes; -1 for no limit. */
  slotKeepBytes: number;
  /** The version and a digest of the schema (`schemaFingerprint`); empty where the mover may not read them. */
  schema: string;
  /** The mover sees other sessions' states (pg_read_all_stats). */
  seesOthers: boolean;
  inRecovery: boolean;
  /** The login is a member of tenant_mover. */
  mover: boolean;
  extensions: string[];
  encoding: string;
  /** The owner of the tables may create publications. */
  publications: boolean;
  databaseBytes: number;
}

const HAS_REPLICATION = `(select rolreplication or rolsuper
    or exists (select from pg_roles r where r.rolname = 'rds_replication' and pg_has_role(r.oid, 'usage'))
  from pg_roles where rolname = current_user)`;

export async function serverFacts(client: pg.ClientBase): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(`
    select current_setting('server_version_num')::int as version, current_setting('wal_level') as "walLevel",
      ${HAS_REPLICATION} as replication,
      current_setting('max_replication_slots')::int - (select count(*)::int from pg_replication_slots) as "slotsFree",
      current_setting('max_wal_senders')::int - (select count(*)::int from pg_stat_replication) as "sendersFree",
      (select case when setting = '-1' then -1 else setting::float8 * 1048576 end from pg_settings where name = 'max_slot_wal_keep_size') as "slotKeepBytes",
      pg_has_role('pg_read_all_stats', 'usage') as "seesOthers", pg_is_in_recovery() as "inRecovery",
      current_setting('server_encoding') as encoding,
      coalesce((select has_database_privilege(p.proowner, current_database(), 'create')
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'tenancy' and p.proname = 'movable_tables'), false) as publications,
      pg_database_size(current_database())::float8 as "databaseBytes",
      exists (select from pg_roles where rolname = 'tenant_mover') and pg_has_role('tenant_mover', 'usage') as mover,
      (select coalesce(array_agg(extname::text order by extname), '{}') from pg_extension where extname <> 'plpgsql') as extensions`);
  const facts = rows[0] as ServerFacts;
  facts.schema = facts.mover ? await schemaFingerprint(client) : '';
  return facts;
}

export function schemaVersion({ schema }: ServerFacts): string {
  return schema.split(' ')[0] || 'unknown';
}

/** Why a database does not allow logical decoding; empty where it does. */
export function logicalObstacles(
  database: string,
  { walLevel, replication, publications }: Pick<ServerFacts, 'walLevel' | 'replication' | 'publications'>,
): Message[] {
  return [
    ...(walLevel === 'logical' ? [] : [sayPart('not_logical', { level: walLevel, database })]),
    ...(replication ? [] : [sayPart('no_replication', { database })]),
    ...(publications ? [] : [sayPart('no_publications', { database })]),
  ];
}
