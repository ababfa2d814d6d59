// What the facts about a server mean, whatever its login is for.
import { type ConnectionCheck, failed, type Purpose, passed, warning } from './check';
import type { Facts } from './facts';

/** The oldest server version that the tenant schema runs on. */
const OLDEST_SERVER = 15;
/** Slots, or processes that send, that one move needs: one for each direction. */
const FOR_A_MOVE = 2;

/** For a connection whose process id is not the server's: poolers give out ids of their own. */
export const POOLER = warning(
  'pooler',
  'pooler_in_between',
  'The URL leads to a pooler, not to the server itself.',
  'Requests work through it, without prepared statements. Moves and backups need the address of the server: marquee source set-direct-url',
);

export function versionCheck(facts: Facts): ConnectionCheck {
  if (facts.version_number >= OLDEST_SERVER * 10_000) {
    return passed('version', `PostgreSQL ${facts.version}.`);
  }
  return failed(
    'version',
    'data_source_version_unsupported',
    `PostgreSQL ${facts.version} is too old.`,
    `Use PostgreSQL ${OLDEST_SERVER} or newer.`,
  );
}

export function encodingCheck({ encoding }: Facts): ConnectionCheck {
  if (encoding === 'UTF8') return passed('encoding', 'The database’s encoding is UTF8.');
  return failed(
    'encoding',
    'data_source_encoding_unsupported',
    `The database’s encoding is ${encoding}: texts in other scripts would be refused or spoilt.`,
    "Make a database with: create database … encoding 'UTF8' template template0",
  );
}

export function timeZoneCheck({ time_zone: zone }: Facts): ConnectionCheck {
  return passed('time_zone', `The server’s time zone is ${zone}; sessions of Marquee use UTC.`);
}

export function writableCheck({ standby, read_only: readOnly }: Facts): ConnectionCheck {
  if (standby) {
    return failed(
      'writable',
      'data_source_privileges_missing',
      'The server is a standby.',
      'Use the address of the primary.',
    );
  }
  if (!readOnly) return passed('writable', 'Accepts writes.');
  return warning(
    'writable',
    'default_read_only',
    'The default of the database is read only (default_transaction_read_only). Marquee overrides it.',
    'If writes must stop, for a full disk or for maintenance, suspend its tenants.',
  );
}

/** On this machine it is for trying out. */
export function durabilityCheck({
  not_durable: off,
  local,
  collation_changed: changed,
}: Facts): ConnectionCheck {
  const corrupts = off.filter((name) => name !== 'synchronous_commit');
  if (corrupts.length > 0 && !local) {
    return failed(
      'durability',
      'data_source_not_durable',
      `${corrupts.join(' and ')} is off: a crash of the server destroys the database.`,
      'Switch it on in postgresql.conf and restart.',
    );
  }
  if (off.length > 0) {
    return warning(
      'durability',
      'commits_not_durable',
      `${off.join(' and ')} is off: a crash of the server loses changes that were confirmed.`,
      'Switch it on, for the server, the database and the login.',
    );
  }
  if (!changed) return passed('durability', 'Confirmed changes survive a crash.');
  return warning(
    'durability',
    'collation_changed',
    'The order of texts has changed with the operating system since the database was made: indexes may miss rows.',
    'As the owner: reindex database …; alter database … refresh collation version',
  );
}

/** What a move's change stream needs. Without it moves record changes by triggers. */
export function replicationCheck(facts: Facts, purpose: Purpose): ConnectionCheck {
  const { wal_level: level, slots_free: slots, senders_free: senders } = facts;
  if (level !== 'logical') {
    return warning(
      'replication',
      'wal_level_low',
      `wal_level is ${level}, so moves record changes by triggers, which slows writes down meanwhile.`,
      'For quick moves: wal_level = logical, and restart (on RDS: rds.logical_replication = 1).',
    );
  }
  if (slots < FOR_A_MOVE || senders < FOR_A_MOVE) {
    return warning(
      'replication',
      'replication_slots_short',
      `${Math.max(slots, 0)} replication slots and ${Math.max(senders, 0)} WAL senders are free; a move needs ${FOR_A_MOVE} of each.`,
      'Raise max_replication_slots and max_wal_senders, or drop slots that nothing reads.',
    );
  }
  if (purpose === 'mover' && !facts.replicates && !facts.rolsuper) {
    return warning(
      'replication',
      'replication_missing',
      'The login may not replicate, so moves record changes by triggers, which slows writes down meanwhile.',
      'As a superuser: alter role … replication (on RDS: grant rds_replication to …).',
    );
  }
  return passed('replication', `wal_level is logical; ${slots} replication slots are free.`);
}

export function connectionsCheck(facts: Facts, budget: number): ConnectionCheck {
  const free = Math.min(facts.connections_free, facts.login_connections ?? facts.connections_free);
  if (free >= budget) return passed('connections', `${free} connections are free.`);
  return warning(
    'connections',
    'connections_short',
    `${Math.max(free, 0)} connections are free; Marquee opens up to ${budget} to this server.`,
    'Raise max_connections, or the CONNECTION LIMIT of the database and the login; or lower the data source’s connection budget.',
  );
}

/** Extensions that the tenant schema needs. They come with PostgreSQL. */
export function extensionsCheck({ extensions, rolsuper }: Facts): ConnectionCheck {
  const missing = extensions.filter(({ installed }) => !installed);
  const unavailable = missing.filter(({ available }) => !available).map(({ name }) => name);
  const untrusted = missing.filter(({ available, trusted }) => available && !trusted && !rolsuper);
  if (unavailable.length > 0) {
    return failed(
      'extensions',
      'data_source_extension_missing',
      `The server does not have ${unavailable.join(', ')}.`,
      'Install PostgreSQL’s contrib package on the server (postgresql-contrib).',
    );
  }
  if (untrusted.length > 0) {
    const names = untrusted.map(({ name }) => name);
    return failed(
      'extensions',
      'data_source_extension_missing',
      `The login may not create ${names.join(', ')}.`,
      `As a superuser, in this database: ${names.map((name) => `create extension ${name};`).join(' ')}`,
    );
  }
  const toCome = missing.length > 0 ? `; Marquee creates ${missing.map(({ name }) => name).join(', ')}` : '';
  return passed('extensions', `The extensions are there${toCome}.`);
}

export function schemaCheck(
  facts: Facts,
  version: number | 'unsupported' | null,
  purpose: Purpose,
): ConnectionCheck {
  if (version === 'unsupported') {
    return failed(
      'schema',
      'data_source_not_migrated',
      'The tenant schema was made by Marquee before its first release and cannot be brought to the present one.',
      'Use an empty database.',
    );
  }
  if (facts.migrated) {
    return passed(
      'schema',
      version ? `The tenant schema is at version ${version}.` : 'The tenant schema is installed.',
    );
  }
  const message = 'The tenant schema is not installed.';
  const hint = 'Add the data source with: marquee source add';
  return purpose === 'administrator'
    ? warning('schema', 'schema_missing', message, hint)
    : failed('schema', 'data_source_not_migrated', message, hint);
}
