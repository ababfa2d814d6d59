// What the connection test says: the English message for each code. Web pages translate them by code.
import { type Message, messageFormatter } from '@/lib/failures';

/** Messages: what a check found. */
export const CHECKS = {
  no_address: 'The name {{host}} has no address.',
  address_refused: '{{host}} is {{address}}, which is not on the internet.',
  not_on_internet: '{{host}} leads to no server on the internet.',
  addresses: '{{host}} is {{addresses}}.',
  private_addresses: '{{host}} is {{addresses}} (a private network).',
  socket: '{{host}} is a socket of this machine.',
  takes_connections: '{{host}} takes connections, after {{ms}} ms.',
  no_connections: '{{host}} takes no connections.',
  no_connections_in_time: '{{host}} takes no connections within {{ms}} ms.',
  signed_in: 'Signed in.',
  round_trip: 'A round trip takes {{ms}} ms.',
  round_trips: 'A round trip takes {{ms}} ms, the slowest of a hundred {{most}} ms.',
  clocks_agree: 'The clocks agree.',
  clock_behind: 'The server’s clock is {{seconds}} s behind.',
  clock_ahead: 'The server’s clock is {{seconds}} s ahead.',
  pooler: 'The URL leads to a pooler, not to the server itself.',
  version: 'PostgreSQL {{version}}.',
  version_old: 'PostgreSQL {{version}} is too old.',
  encoding: 'The database’s encoding is UTF8.',
  encoding_other:
    'The database’s encoding is {{encoding}}: texts in other scripts would be refused or spoilt.',
  time_zone: 'The server’s time zone is {{zone}}; sessions of Marquee use UTC.',
  writable: 'Accepts writes.',
  standby: 'The server is a standby.',
  default_read_only:
    'The default of the database is read only (default_transaction_read_only). Marquee overrides it.',
  corruptible: 'Off: {{settings}}. A crash of the server destroys the database.',
  commits_lost: 'Off: {{settings}}. A crash of the server loses changes that were confirmed.',
  collation_changed:
    'The order of texts has changed with the operating system since the database was made: indexes may miss rows.',
  durable: 'Confirmed changes survive a crash.',
  unlogged: 'A crash of the server empties {{tables}}.',
  triggers_disabled: 'Triggers are disabled on {{tables}}: foreign keys or rules may not hold.',
  wal_level:
    'wal_level is {{level}}, so moves record changes by triggers, which slows writes down meanwhile.',
  slots_short:
    '{{slots}} replication slots and {{senders}} WAL senders are free; a move needs {{needed}} of each.',
  no_replication:
    'The login may not replicate, so moves record changes by triggers, which slows writes down meanwhile.',
  replication: 'wal_level is logical; {{slots}} replication slots are free.',
  connections: '{{free}} connections are free.',
  connections_short: '{{free}} connections are free; Marquee opens up to {{budget}} to this server.',
  extensions_unavailable: 'The server does not have {{names}}.',
  extensions_refused: 'The login may not create {{names}}.',
  extensions: 'The extensions are there.',
  extensions_to_come: 'The extensions are there; Marquee creates {{names}}.',
  schema_unsupported:
    'The tenant schema was made by Marquee before its first release and cannot be brought to the present one.',
  schema_version: 'The tenant schema is at version {{version}}.',
  schema: 'The tenant schema is installed.',
  no_schema: 'The tenant schema is not installed.',
  this_machine: 'The server is on this machine.',
  not_encrypted: 'The connection is not encrypted: passwords and data can be read and changed on the way.',
  not_verified:
    'The connection uses {{protocol}}, but the server is not verified: another could answer for it.',
  verified: 'The connection uses {{protocol}}, with a verified certificate that is valid until {{day}}.',
  certificate_expires:
    'The connection uses {{protocol}}, with a verified certificate that is valid until {{day}}: {{days}} days from now.',
  sees_every_tenant: 'The login can see the rows of every tenant.',
  no_roles: 'The login is not a member of every role of tenants.',
  acts_for_tenants: 'The login can act for tenants only.',
  moves_tenants: 'The login can move tenants.',
  no_mover: 'The login is not a member of the role tenant_mover.',
  superuser: 'The login is a superuser: it can read all of the customer’s tables.',
  bypasses: 'The login bypasses row-level security: it can read all of the customer’s tables.',
  prepared: 'A DBA has prepared the logins; this one can create schemas and tables.',
  creates: 'The login can create roles, schemas and tables.',
  lacks: 'The login lacks {{rights}}.',
  isolated: 'A row of another tenant can be neither seen, changed nor planted.',
  not_isolated: 'Tenants are not kept apart: {{found}}.',
  no_function_reaches: 'Tenants can call no function that reaches beyond the database.',
  functions_over_api: 'Users of a tenant can call, over the API: {{functions}}.',
  functions_by_sql: 'SQL that developers run for a tenant can call: {{functions}}.',
  nothing_shared: 'SQL of one tenant cannot take advisory locks or send notifications of others.',
  functions_shared:
    'SQL that developers run for one tenant can call {{functions}}: it can hold advisory locks of other tenants until the statement times out.',
  functions_shared_and_more:
    'SQL that developers run for one tenant can call {{functions}} and {{count}} more: it can hold advisory locks of other tenants until the statement times out.',
  project: 'The project answers.',
  project_verified: 'The connection to {{host}} uses verified TLS.',
  project_not_encrypted: 'The connection to {{host}} is not encrypted: keys and data can be read on the way.',
  project_not_verified: 'The connection to {{host}} is not verified: keys and data can be read on the way.',
  project_schema: 'The project does not serve the tenant schema (HTTP {{status}}).',
  fence: 'Requests with an old route are refused.',
  no_fence:
    'The project does not check the fence before requests: while a tenant is moved, writes there could be lost.',
  anon_sees_none: 'The anon key sees no rows.',
  anon_sees: 'The anon key, which everyone may know, sees rows of tenants.',
  no_anon_key: 'The project’s anon key is not known, so no users can be signed in there.',
  project_signs_in: 'The project’s sign-in service answers.',
  project_no_sign_in:
    'The project’s sign-in service answered {{status}}, so no users can be signed in there.',
} as const satisfies Record<string, string>;
/** Code of the message of a check. */
export type CheckWord = keyof typeof CHECKS;

/** Hints: what to do about it. */
export const CHECK_HINTS = {
  no_address: 'Check the host’s name, and the name server of this machine.',
  address_refused:
    'If it is meant, for a private link to the customer, allow its network {{network}} (on the command line: --allow-network {{network}}).',
  not_on_internet: 'Check the host’s name. For a private link, ask the operator to allow your network.',
  no_connections:
    'Check the port, that the server listens on this address (listen_addresses), and the firewall between here and there.',
  round_trip: 'Place the database nearer to Marquee: every request takes at least one round trip.',
  clock: 'Synchronize both clocks (NTP): times of changes, and tokens that expire, are compared across them.',
  pooler:
    'Requests work through it, without prepared statements. Moves and backups need the address of the server: marquee source set-direct-url',
  version_old: 'Use PostgreSQL {{oldest}} or newer.',
  encoding_other: "Make a database with: create database … encoding 'UTF8' template template0",
  standby: 'Use the address of the primary.',
  default_read_only: 'If writes must stop, for a full disk or for maintenance, suspend its tenants.',
  corruptible: 'Switch it on in postgresql.conf and restart.',
  commits_lost: 'Switch it on, for the server, the database and the login.',
  collation_changed: 'As the owner: reindex database …; alter database … refresh collation version',
  unlogged: 'For each table: alter table … set logged',
  triggers_disabled: 'For each table: alter table … enable trigger all',
  wal_level: 'For quick moves: wal_level = logical, and restart (on RDS: rds.logical_replication = 1).',
  slots_short: 'Raise max_replication_slots and max_wal_senders, or drop slots that nothing reads.',
  no_replication: 'As a superuser: alter role … replication (on RDS: grant rds_replication to …).',
  connections_short:
    'Raise max_connections, or the CONNECTION LIMIT of the database and the login; or lower the data source’s connection budget.',
  extensions_unavailable: 'Install PostgreSQL’s contrib package on the server (postgresql-contrib).',
  extensions_refused: 'As a superuser, in this database: {{statements}}',
  schema_unsupported: 'Use an empty database.',
  no_schema: 'Add the data source with: marquee source add',
  not_encrypted:
    'Switch TLS on at the server, give the authority of its certificate with --ca-file, and leave out --tls disable.',
  not_verified: 'Give the authority of its certificate with --ca-file, and leave out --tls no-verify.',
  certificate_expires: 'Renew the server’s certificate; afterwards nothing can connect.',
  sees_every_tenant: 'Use a login without SUPERUSER and BYPASSRLS.',
  no_roles:
    'Grant it tenant_service, tenant_manager, tenant_sales, tenant_staff, tenant_viewer and authenticated, or let Marquee make its login: marquee source add.',
  no_mover: 'Grant it the role, or let Marquee make its login: marquee source add.',
  needs_less:
    'Marquee needs less: have the DBA run the script, and use the login that it makes (on the command line: marquee source add --script).',
  lacks:
    'Grant it, or have a DBA run the script and use the login that it makes (on the command line: marquee source add --script).',
  not_isolated:
    'For each table: alter table … enable row level security; alter table … force row level security. Drop policies that Marquee did not make.',
  functions:
    'Revoke them: revoke execute on function … from public (of an extension: alter extension … set schema to one that only its users may use).',
  functions_shared:
    'Only a superuser can revoke these functions, and only from PUBLIC. Keep tenants whose developers run SQL on a database that Marquee owns, or on one database each.',
  project_tls: 'Use the https address of the project, and leave out --tls.',
  project_schema: 'Run the tenant migrations over the project’s PostgreSQL URL first.',
  no_fence:
    "Give the URL of the project's database when it is added, or set tenancy.admit_request as db-pre-request.",
  anon_sees:
    'In the SQL editor: alter table … force row level security, and drop policies that Marquee did not make.',
  no_anon_key: 'Copy the anon key from the project’s API settings.',
  project_no_sign_in: 'Check that Auth is on, and the anon key.',
} as const satisfies Record<string, string>;
/** Code of the hint of a check. */
export type CheckHint = keyof typeof CHECK_HINTS;

/** Parts of the messages that list several things. */
export const CHECK_PARTS = {
  admin_option: 'ADMIN OPTION on {{roles}}',
  createrole: 'CREATEROLE',
  create_on_database: 'CREATE on the database',
  create_on_public: 'CREATE on the schema public',
  own_rows_hidden: 'a tenant cannot see its own rows',
  sees_rows: '{{role}} sees rows of others',
  changes_rows: '{{role}} changes rows of others',
  deletes_rows: '{{role}} deletes rows of others',
  plants_rows: '{{role}} plants rows with others',
  not_in_force: 'row-level security is not in force on {{tables}}',
  no_tenant_asked: 'policies ask for no tenant: {{policies}}',
  opens_connections: '{{function}} opens connections ({{of}})',
  reads_files: '{{function}} reads or writes files of the server',
  untrusted_language: '{{function}} is written in {{of}}',
  rights_of_all: '{{function}} runs with the rights of a role that sees every tenant',
  more: '{{count}} more',
} as const satisfies Record<string, string>;
/** Code of a part of a message. */
export type CheckPart = keyof typeof CHECK_PARTS;

export const sayCheck = messageFormatter<CheckWord>('checks', CHECKS);
export const sayHint = messageFormatter<CheckHint>('checkHints', CHECK_HINTS);
export const sayPart = messageFormatter<CheckPart>('checkParts', CHECK_PARTS);

/** Values of a sentence. */
export type Given = Record<string, string | number | readonly Message[]>;
