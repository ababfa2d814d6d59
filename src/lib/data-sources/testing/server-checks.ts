// What the facts about a server mean for each of the logins that use it.
import type { ConnectionCheck } from './check';

/** The oldest server version that the tenant schema runs on. */
const OLDEST_SERVER = 15;

/** What the server says about itself and the login, as `FACTS` asks. */
export interface Facts {
  pid: number;
  version_number: number;
  version: string;
  standby: boolean;
  read_only: boolean;
  encrypted: boolean;
  local: boolean;
  rolsuper: boolean;
  rolbypassrls: boolean;
  rolcreaterole: boolean;
  may_create: boolean;
  member: boolean;
  mover: boolean;
  shares_functions: boolean;
  migrated: boolean;
  may_read_version: boolean;
}

/** For a connection whose process id is not the server's: poolers give out ids of their own. */
export const POOLER: ConnectionCheck = {
  name: 'pooler',
  outcome: 'warning',
  message: 'The URL leads to a pooler, not to the server itself.',
  hint: 'Requests work through it, without prepared statements. Moves and backups need the address of the server: marquee source set-direct-url',
};

export function versionCheck(facts: Facts): ConnectionCheck {
  if (facts.version_number >= OLDEST_SERVER * 10_000) {
    return { name: 'version', outcome: 'passed', message: `PostgreSQL ${facts.version}.` };
  }
  return {
    name: 'version',
    outcome: 'failed',
    code: 'data_source_version_unsupported',
    message: `PostgreSQL ${facts.version} is too old.`,
    hint: `Use PostgreSQL ${OLDEST_SERVER} or newer.`,
  };
}

export function writableCheck({ standby, read_only: readOnly }: Facts): ConnectionCheck {
  if (standby) {
    return {
      name: 'writable',
      outcome: 'failed',
      code: 'data_source_privileges_missing',
      message: 'The server is a standby.',
      hint: 'Use the address of the primary.',
    };
  }
  if (!readOnly) return { name: 'writable', outcome: 'passed', message: 'Accepts writes.' };
  return {
    name: 'writable',
    outcome: 'warning',
    message:
      'The default of the database is read only (default_transaction_read_only). Marquee overrides it.',
    hint: 'If writes must stop, for a full disk or for maintenance, suspend its tenants.',
  };
}

export function encryptionCheck(facts: Facts): ConnectionCheck {
  if (facts.encrypted || facts.local) {
    return {
      name: 'encryption',
      outcome: 'passed',
      message: facts.encrypted ? 'The connection uses TLS.' : 'The server is on this machine.',
    };
  }
  return {
    name: 'encryption',
    outcome: 'warning',
    message: 'The connection is not encrypted.',
    hint: 'Add sslmode=verify-full to the URL.',
  };
}

function routerCheck(facts: Facts): ConnectionCheck {
  const failed = (message: string, hint: string): ConnectionCheck => ({
    name: 'privileges',
    outcome: 'failed',
    code: 'data_source_privileges_missing',
    message,
    hint,
  });
  if (facts.rolsuper || facts.rolbypassrls) {
    return failed(
      'The login can see the rows of every tenant.',
      'Use a login without SUPERUSER and BYPASSRLS.',
    );
  }
  if (!facts.member) {
    return failed(
      'The login is not a member of the roles tenant_service and authenticated.',
      'Grant it both roles, or let Marquee make its login: marquee source add.',
    );
  }
  return { name: 'privileges', outcome: 'passed', message: 'The login can act for tenants only.' };
}

export function sharedFunctionsCheck({ shares_functions: shared }: Facts): ConnectionCheck {
  const name = 'shared_functions';
  if (!shared)
    return {
      name,
      outcome: 'passed',
      message: 'SQL of one tenant cannot take advisory locks or send notifications of others.',
    };
  return {
    name,
    outcome: 'warning',
    message:
      'SQL that developers run for one tenant can hold advisory locks of other tenants until the statement times out.',
    hint: 'Only a superuser can revoke these functions, and only from PUBLIC. Keep tenants whose developers run SQL on a database that Marquee owns, or on one database each.',
  };
}

function administratorCheck(facts: Facts): ConnectionCheck {
  if ((facts.rolsuper || facts.rolcreaterole) && facts.may_create) {
    return { name: 'privileges', outcome: 'passed', message: 'The login can create roles and schemas.' };
  }
  const missing = [
    ...(facts.rolsuper || facts.rolcreaterole ? [] : ['CREATEROLE']),
    ...(facts.may_create ? [] : ['CREATE on the database']),
  ];
  return {
    name: 'privileges',
    outcome: 'failed',
    code: 'data_source_privileges_missing',
    message: `The login lacks ${missing.join(' and ')}.`,
    hint: 'Grant it, or have a DBA run the script of: marquee source add --plan',
  };
}

function moverCheck({ mover }: Facts): ConnectionCheck {
  if (mover) return { name: 'privileges', outcome: 'passed', message: 'The login can move tenants.' };
  return {
    name: 'privileges',
    outcome: 'failed',
    code: 'data_source_privileges_missing',
    message: 'The login is not a member of the role tenant_mover.',
    hint: 'Grant it the role, or let Marquee make its login: marquee source add.',
  };
}

export const PRIVILEGES = { router: routerCheck, mover: moverCheck, administrator: administratorCheck };

export function schemaCheck(
  facts: Facts,
  version: number | 'unsupported' | null,
  purpose: keyof typeof PRIVILEGES,
): ConnectionCheck {
  if (version === 'unsupported') {
    return {
      name: 'schema',
      outcome: 'failed',
      code: 'data_source_not_migrated',
      message:
        'The tenant schema was made by Marquee before its first release and cannot be brought to the present one.',
      hint: 'Use an empty database.',
    };
  }
  if (facts.migrated) {
    return {
      name: 'schema',
      outcome: 'passed',
      message: version ? `The tenant schema is at version ${version}.` : 'The tenant schema is installed.',
    };
  }
  return {
    name: 'schema',
    outcome: purpose === 'administrator' ? 'warning' : 'failed',
    code: 'data_source_not_migrated',
    message: 'The tenant schema is not installed.',
    hint: 'Add the data source with: marquee source add',
  };
}
