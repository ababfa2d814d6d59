// What the facts about a server mean, whatever its login is for.
import { type ConnectionCheck, failed, type Purpose, passed, warning } from './check';
import type { Extension, Facts } from './facts';

/** The oldest server version that the tenant schema runs on. */
const OLDEST_SERVER = 15;
/** Slots, or processes that send, that one move needs: one for each direction. */
const FOR_A_MOVE = 2;

/** For a connection whose process id is not the server's: poolers give out ids of their own. */
export const POOLER = warning('pooler', 'pooler_in_between', 'pooler', 'pooler');

export function versionCheck({ version, version_number: number }: Facts): ConnectionCheck {
  if (number >= OLDEST_SERVER * 10_000) return passed('version', 'version', { version });
  return failed('version', 'data_source_version_unsupported', 'version_old', 'version_old', {
    ...{ version, oldest: OLDEST_SERVER },
  });
}

export function encodingCheck({ encoding }: Facts): ConnectionCheck {
  if (encoding === 'UTF8') return passed('encoding', 'encoding');
  return failed('encoding', 'data_source_encoding_unsupported', 'encoding_other', 'encoding_other', {
    encoding,
  });
}

export function timeZoneCheck({ time_zone: zone }: Facts): ConnectionCheck {
  return passed('time_zone', 'time_zone', { zone });
}

export function writableCheck({ standby, read_only: readOnly }: Facts): ConnectionCheck {
  if (standby) return failed('writable', 'data_source_privileges_missing', 'standby', 'standby');
  if (!readOnly) return passed('writable', 'writable');
  return warning('writable', 'default_read_only', 'default_read_only', 'default_read_only');
}

/** On this machine it is for trying out. */
export function durabilityCheck({
  not_durable: off,
  local,
  collation_changed: changed,
}: Facts): ConnectionCheck {
  const corrupts = off.filter((name) => name !== 'synchronous_commit');
  if (corrupts.length > 0 && !local) {
    return failed('durability', 'data_source_not_durable', 'corruptible', 'corruptible', {
      settings: corrupts.join(', '),
    });
  }
  if (off.length > 0) {
    return warning('durability', 'commits_not_durable', 'commits_lost', 'commits_lost', {
      settings: off.join(', '),
    });
  }
  if (!changed) return passed('durability', 'durable');
  return warning('durability', 'collation_changed', 'collation_changed', 'collation_changed');
}

/** What a move's change stream needs. Without it moves record changes by triggers. */
export function replicationCheck(facts: Facts, purpose: Purpose): ConnectionCheck {
  const { wal_level: level, slots_free: slots, senders_free: senders } = facts;
  if (level !== 'logical') {
    return warning('replication', 'wal_level_low', 'wal_level', 'wal_level', { level });
  }
  if (slots < FOR_A_MOVE || senders < FOR_A_MOVE) {
    return warning('replication', 'replication_slots_short', 'slots_short', 'slots_short', {
      ...{ slots: Math.max(slots, 0), senders: Math.max(senders, 0), needed: FOR_A_MOVE },
    });
  }
  if (purpose === 'mover' && !facts.replicates && !facts.rolsuper) {
    return warning('replication', 'replication_missing', 'no_replication', 'no_replication');
  }
  return passed('replication', 'replication', { slots });
}

export function connectionsCheck(facts: Facts, budget: number): ConnectionCheck {
  const free = Math.min(facts.connections_free, facts.login_connections ?? facts.connections_free);
  if (free >= budget) return passed('connections', 'connections', { free });
  return warning('connections', 'connections_short', 'connections_short', 'connections_short', {
    ...{ free: Math.max(free, 0), budget },
  });
}

/** Extensions that the tenant schema needs. They come with PostgreSQL. */
export function extensionsCheck({ extensions, rolsuper }: Facts): ConnectionCheck {
  const missing = extensions.filter(({ installed }) => !installed);
  const namesOf = (some: Extension[]) => some.map(({ name }) => name).join(', ');
  const code = 'data_source_extension_missing';
  const unavailable = missing.filter(({ available }) => !available);
  const untrusted = missing.filter(({ available, trusted }) => available && !trusted && !rolsuper);
  if (unavailable.length > 0) {
    const word = 'extensions_unavailable';
    return failed('extensions', code, word, word, { names: namesOf(unavailable) });
  }
  if (untrusted.length > 0) {
    const statements = untrusted.map(({ name }) => `create extension ${name};`).join(' ');
    const word = 'extensions_refused';
    return failed('extensions', code, word, word, { names: namesOf(untrusted), statements });
  }
  return missing.length > 0
    ? passed('extensions', 'extensions_to_come', { names: namesOf(missing) })
    : passed('extensions', 'extensions');
}

export function schemaCheck(
  facts: Facts,
  version: number | 'unsupported' | null,
  purpose: Purpose,
): ConnectionCheck {
  if (version === 'unsupported') {
    return failed('schema', 'data_source_not_migrated', 'schema_unsupported', 'schema_unsupported');
  }
  if (facts.migrated)
    return version ? passed('schema', 'schema_version', { version }) : passed('schema', 'schema');
  return purpose === 'administrator'
    ? warning('schema', 'schema_missing', 'no_schema', 'no_schema')
    : failed('schema', 'data_source_not_migrated', 'no_schema', 'no_schema');
}
