// What the preflight says: the English message for each code. Web pages translate them by code.
import { messageFormatter } from '@/lib/failures';

export const PREFLIGHT = {
  two_databases: 'Source and target are two databases.',
  one_database: '{{source}} and {{target}} are one database.',
  here_already: 'The tenant is in this data source already.',
  region: 'The region is allowed.',
  version: 'Both servers are PostgreSQL 15 or newer.',
  version_old: 'Both servers must be PostgreSQL 15 or newer.',
  schema: 'Both databases are at version {{version}} of the schema.',
  schema_functions:
    'Source and target have the same version of the schema, but other functions: migrate them (marquee migrate).',
  schema_versions:
    'Source and target are at versions {{source}} and {{target}} of the schema: migrate them (marquee migrate).',
  mover: 'The logins for moves are members of tenant_mover.',
  no_mover: 'A login for moves is not a member of tenant_mover: COPY would silently see no rows.',
  primaries: 'Both servers are primaries.',
  standby: 'A server is a standby: give the URL of its primary.',
  load_seen: 'The mover sees how busy the servers are.',
  load_unseen:
    'The mover is not in pg_read_all_stats: the copy slows down for slow answers only, not for the number of running statements.',
  extensions: 'The target has all extensions of the source.',
  no_extensions: '{{target}} lacks the extensions {{extensions}}.',
  encoding: 'The target can store every character.',
  encodings:
    '{{target}} stores text as {{ofTarget}}, {{source}} as {{ofSource}}: it cannot store some characters.',
  tables_alike: 'The {{count}} tables are alike.',
  tables_differ: 'The tables differ: {{differences}}.',
  visible: 'The mover sees and may change every row.',
  invisible:
    'The mover does not see every row, or may not change it: {{tables}}. Each table needs these grants, and where it has row-level security a policy to tenant_mover using (true) with check (true).',
  movable: 'Every table can be moved.',
  unmovable: 'These tables cannot be moved: {{tables}}.',
  no_triggers: 'No trigger changes rows while they are copied.',
  triggers: 'Triggers also fire for copied rows: {{triggers}}. Add: when (not tenancy.copying()).',
  none_behind: 'No row of the tenant stays behind.',
  behind: 'Rows of the tenant would stay behind: {{rows}}.',
  views: 'The target has all views of the source.',
  views_lacking: '{{target}} lacks the views {{views}}.',
  views_stale: 'Refresh {{stale}} at the target after the move.',
  views_lacking_and_stale:
    '{{target}} lacks the views {{views}}. Refresh {{stale}} at the target after the move.',
  constraints: 'The target’s constraints take every row of the tenant.',
  constraints_refuse: '{{target}} would refuse rows of the tenant: {{rows}}.',
  identities: 'Every table can be replicated.',
  no_identity: 'No replica identity: {{tables}}.',
  order: 'The order of foreign keys allows filling the tables.',
  circular: 'Tables reference each other by foreign keys that cannot be deferred: {{tables}}.',
  target_empty: 'The target holds no rows of the tenant.',
  target_holds: '{{target}} holds {{rows}} rows of the tenant already.',
  rows: 'The tenant has {{rows}} rows.',
  no_rows: 'The tenant has no rows at the source.',
  logical: 'Both databases allow logical decoding.',
  change_log: 'Triggers log changes (change_log), which makes writes slower: {{reasons}}.',
  space:
    'The target needs {{size}} for rows and indexes, and as much again for WAL; its database holds {{held}} now.',
  slots: 'Replication slots and senders are free.',
  no_slots: 'No replication slot or sender is free.',
  slot_limit: 'The WAL that a slot may keep is limited.',
  no_slot_limit:
    'max_slot_wal_keep_size is -1: while the move is paused its slots keep WAL until the disk is full.',
  slot_room: 'A slot may keep more WAL than the copy writes.',
  slot_short:
    'max_slot_wal_keep_size ({{size}}) is less than the copy: its WAL at {{target}} may cost reverse replication its slot.',
  room: '{{target}} takes another tenant.',
  target_status: '{{target}} takes no tenants: it is {{status}}.',
  target_full: '{{target}} is full: it takes {{capacity}} tenants.',
  id_free: 'The tenant’s id is free in {{target}}.',
  id_taken: 'The tenant’s id is taken in {{target}}: {{why}}. Give it another one: --to-tenant-id',
  elsewhere: 'The tenant is not in the data source that the move starts from.',
} as const satisfies Record<string, string>;
export type PreflightWord = keyof typeof PREFLIGHT;

/** Parts of the sentences that list several things. */
export const PREFLIGHT_PARTS = {
  not_logical: 'wal_level is {{level}} in {{database}} and must be logical',
  no_replication: 'the mover’s login in {{database}} has no REPLICATION',
  no_publications: 'the owner of the tables in {{database}} has no CREATE on its database',
  table_missing: '{{table}} is not in {{database}}',
  column: '{{column}} is {{one}} in {{source}}, {{other}} in {{target}}',
  column_of_source: '{{column}} is {{one}} in {{source}}, missing in {{target}}',
  column_of_target: '{{column}} is missing in {{source}}, {{other}} in {{target}}',
  other_key: '{{table}} has another primary key in {{database}}',
  grant: '{{database}}: {{table}} (grant {{rights}} on {{table}} to tenant_mover)',
  hidden: '{{database}}: {{table}} (row-level security hides rows)',
  trigger: '{{database}}: {{trigger}} on {{table}}',
  tenant_no_uuid: '{{database}}: {{table}} (its tenant_id is no uuid)',
  key_tenant_alone: '{{database}}: {{table}} (its primary key is tenant_id alone)',
  key_deferrable: '{{database}}: {{table}} (its primary key is deferrable)',
  key_generated: '{{database}}: {{table}} (its primary key has a generated column)',
  key_composite: '{{database}}: {{table}} (its primary key has an array, a composite or JSON)',
  key_overlaps: '{{database}}: {{table}} (its primary key is without overlaps)',
  unlogged: '{{database}}: {{table}} (it is unlogged)',
  rules: '{{database}}: {{table}} (it has rules: use triggers instead)',
  inherits: '{{database}}: {{table}} (it inherits, or is inherited from)',
  other_owner:
    '{{database}}: {{table}} (it belongs to {{owner}}, not to the owner of the schema tenancy: alter table … owner to {{wanted}})',
  sequence_owner:
    '{{database}}: {{table}} (its column {{column}} takes numbers from {{sequence}}, which belongs to {{owner}}: alter sequence … owner to {{wanted}})',
  large_objects: '{{column}} (it names large objects: keep them as bytea)',
  closed:
    '{{table}} cannot be looked into (grant tenant_mover usage on its schema and select on it, with a policy for it where it has row-level security)',
  foreign_closed:
    'the foreign table {{table}} cannot be looked into (grant tenant_mover usage on its schema and select on it, with a policy for it where it has row-level security)',
  foreign: 'the foreign table {{table}}',
  other_first_key: '{{table}} (its primary key does not begin with tenant_id)',
  outside_public: '{{table}} (outside the schema public)',
  violates:
    '{{table}} has rows that violate {{what}}, which no valid constraint of the source forbids (correct them)',
  violates_not_valid:
    '{{table}} has rows that violate {{what}}, which no valid constraint of the source forbids (correct them, then at the source: alter table {{table}} validate constraint {{constraint}})',
  reference_closed:
    '{{on}} references {{references}}, which is not moved and cannot be looked into (grant tenant_mover usage on its schema and select on it)',
  references_many:
    '{{on}} references more than {{most}} rows of {{references}}, which is not moved (give it the column tenant_id, or drop the foreign key)',
  references_missing:
    '{{on}} references rows of {{references}} that the target lacks, such as {{keys}} (that table is not moved: copy them there first)',
  id_of_tenant: 'the tenant {{tenant}} has it',
  id_reserved: 'a move has reserved it',
  id_fenced: 'a fence exists for it',
} as const satisfies Record<string, string>;
export type PreflightPart = keyof typeof PREFLIGHT_PARTS;

export const sayFinding = messageFormatter<PreflightWord>('preflight', PREFLIGHT);
export const sayPart = messageFormatter<PreflightPart>('preflightParts', PREFLIGHT_PARTS);
