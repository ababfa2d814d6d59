// The rules of a new installation. An operator changes them with `marquee alerts rules <name> …`; docs/alerts.md lists them.
import type { Rule } from './rule';

const PEOPLE = ['user:', 'cli:', 'key:', 'database:'];
/** Columns that say where a data source is and which logins are used: URLs without passwords. */
const PLACE = ['serverKey', 'databaseName', 'region', 'adminUrlAt', 'routerUrlAt', 'moverUrlAt', 'engine'];
/** Actions that change what the service itself depends on. */
const SENSITIVE = [
  'data_sources.*',
  'tenants.insert',
  'tenants.delete',
  'tenants.move_started',
  'tenants.move_commanded',
  'rollouts.*',
  'secrets.*',
  'token_keys.*',
  'signing_keys.*',
  'operators.*',
  'support_access.*',
  'alerts.*',
  'audit.archive',
];
const EACH = { kind: 'each' } as const;
const DAY = 24 * 60;

const rule = (given: Omit<Rule, 'enabled' | 'quietMinutes'> & { quietMinutes?: number }): Rule => ({
  enabled: true,
  quietMinutes: 60,
  ...given,
});

export const DEFAULT_RULES: readonly Rule[] = [
  rule({
    name: 'audit-chain-broken',
    title: 'The audit log is not what was written',
    severity: 'critical',
    match: { actions: ['audit.*'] },
    when: { kind: 'chain' },
    quietMinutes: DAY,
  }),
  rule({
    name: 'alert-rules-changed',
    title: '{actor} changed the alert rule {entityId}',
    severity: 'warning',
    match: { actions: ['alert_rules.*'] },
    when: EACH,
  }),
  rule({
    name: 'source-place-changed',
    title: 'Host, database, region or user of a data source was changed by {actor}',
    severity: 'critical',
    match: { actions: ['data_sources.update'], changed: PLACE },
    when: EACH,
  }),
  rule({
    name: 'tenant-place-changed',
    title: 'The place of tenant {entityId} was changed by {actor}, without a move',
    severity: 'critical',
    // A change of the epoch comes from a move.
    match: {
      actions: ['tenants.update'],
      changed: ['data_source_url_at', 'data_source_region'],
      where: { 'after.route_epoch': [null] },
    },
    when: EACH,
  }),
  rule({
    name: 'changed-past-marquee',
    title: 'The application database was changed past Marquee by {actor}: {action}',
    severity: 'critical',
    match: { actions: ['tenants.*', 'users.*'], actors: ['database:'] },
    when: { kind: 'many', atLeast: 2, seconds: 60, by: 'actor' },
  }),
  rule({
    name: 'outside-hours',
    title: '{actor} changed something outside working hours: {action}',
    severity: 'warning',
    match: { actions: SENSITIVE, actors: PEOPLE },
    when: { kind: 'outside-hours', timeZone: 'UTC', days: [1, 2, 3, 4, 5], from: '06:00', to: '20:00' },
    quietMinutes: DAY,
  }),
  rule({
    name: 'new-operator',
    title: '{actor} made such a change for the first time in 90 days: {action}',
    severity: 'notice',
    match: { actions: SENSITIVE, actors: PEOPLE },
    when: { kind: 'new', value: 'actor', rememberDays: 90 },
  }),
  rule({
    name: 'several-in-a-row',
    title: '{actor} made many changes of data sources or tenants within ten minutes',
    severity: 'warning',
    match: {
      actions: [
        'data_sources.update',
        'data_sources.delete',
        'tenants.delete',
        'secrets.retire',
        'api_keys.create',
      ],
      actors: PEOPLE,
    },
    when: { kind: 'many', atLeast: 5, seconds: 600, by: 'actor' },
  }),
  rule({
    name: 'many-decryptions',
    title: '{actor} decrypted many stored credentials within ten minutes',
    severity: 'critical',
    // Only people count: a server that starts decrypts the credentials of its tenants.
    match: { actions: ['credentials.decrypted'], actors: PEOPLE },
    when: { kind: 'many', atLeast: 500, seconds: 600, by: 'actor', amount: 'details.count' },
  }),
  rule({
    name: 'service-key-new-network',
    title: 'A service key was used from the network {details.network}, for the first time in 90 days',
    severity: 'warning',
    match: { actions: ['api_keys.new_network'], where: { 'details.kind': ['service'] } },
    when: { kind: 'new', value: 'details.network', of: 'entityId', rememberDays: 90 },
  }),
  rule({
    name: 'sign-ins-refused-at-account',
    title: 'Sign-ins to one account were refused repeatedly: {details.email}',
    severity: 'warning',
    match: { actions: ['session.sign_in_refused'] },
    when: { kind: 'many', atLeast: 10, seconds: 900, by: 'details.email' },
  }),
  rule({
    name: 'sign-ins-refused-from-address',
    title: 'Sign-ins from {address} were refused repeatedly',
    severity: 'warning',
    match: { actions: ['session.sign_in_refused'] },
    when: { kind: 'many', atLeast: 20, seconds: 900, by: 'address' },
  }),
  rule({
    name: 'keys-refused',
    title: 'API keys from {address} were refused repeatedly',
    severity: 'warning',
    match: { actions: ['api_keys.refused'] },
    when: { kind: 'many', atLeast: 10, seconds: 900, by: 'address', amount: 'details.count' },
  }),
  rule({
    name: 'operator-added',
    title: '{actor} added an operator',
    severity: 'warning',
    match: { actions: ['users.insert'], where: { 'after.tenant_id': [null] }, actors: PEOPLE },
    when: EACH,
  }),
  rule({
    name: 'second-factor-removed',
    title: 'The second factor of an account was removed by {actor}',
    severity: 'notice',
    match: {
      actions: ['users.update'],
      changed: ['totp_confirmed_at'],
      where: { 'after.totp_confirmed_at': [null] },
    },
    when: EACH,
  }),
  rule({
    name: 'tls-not-verified',
    title: '{actor} lets a data source be reached without a verified certificate',
    severity: 'warning',
    match: {
      actions: ['data_sources.insert', 'data_sources.update'],
      where: { 'after.tls': ['no-verify', 'disable'] },
    },
    when: EACH,
  }),
  rule({
    name: 'source-unhealthy',
    title: 'A data source is unhealthy',
    severity: 'critical',
    match: { actions: ['health.*'] },
    when: { kind: 'reported' },
    quietMinutes: 0,
  }),
  rule({
    name: 'source-degraded',
    title: 'A data source is degraded',
    severity: 'warning',
    match: { actions: ['health.*'] },
    when: { kind: 'reported' },
    quietMinutes: 0,
  }),
  rule({
    name: 'rollout-halted',
    title: 'A rollout has halted',
    severity: 'critical',
    match: { actions: ['rollouts.*'] },
    when: { kind: 'reported' },
    quietMinutes: DAY,
  }),
  rule({
    name: 'rollout-stuck',
    title: 'A rollout does not go on',
    severity: 'warning',
    match: { actions: ['rollouts.*'] },
    when: { kind: 'reported' },
    quietMinutes: DAY,
  }),
  rule({
    name: 'move-failed',
    title: 'A move needs the operator',
    severity: 'warning',
    match: { actions: ['rollouts.*'] },
    when: { kind: 'reported' },
    quietMinutes: DAY,
  }),
  rule({
    name: 'tenant-over-budget',
    title: 'A tenant costs more than its budget of this month',
    severity: 'warning',
    match: { actions: ['usage.*'] },
    when: { kind: 'reported' },
    quietMinutes: 0,
  }),
  rule({
    name: 'tenant-near-budget',
    title: 'A tenant has used 80 % of its budget of this month',
    severity: 'notice',
    match: { actions: ['usage.*'] },
    when: { kind: 'reported' },
    quietMinutes: 0,
  }),
  rule({
    name: 'backups-failed',
    title: 'The backups of a tenant fail',
    severity: 'critical',
    match: { actions: ['backups.failed'] },
    // A scheduled one has four attempts.
    when: { kind: 'many', atLeast: 3, seconds: 86_400, by: 'tenantId' },
  }),
  rule({
    name: 'backup-drill-failed',
    title: 'A backup could not be restored in a drill',
    severity: 'critical',
    match: { actions: ['backups.drill_failed'] },
    when: EACH,
  }),
];
