import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_RULES } from '@/lib/alerts/default-rules';
import { dayOutside } from '@/lib/alerts/hours';
import { matches, titleOf } from '@/lib/alerts/match';
import { Rule } from '@/lib/alerts/rule';
import type { AuditRecord } from '@/lib/application';

const record = (given: Partial<AuditRecord>): AuditRecord => ({
  ...{
    id: '1',
    occurredAt: new Date('2026-11-30T10:00:00Z'),
    tenantId: null,
    actor: 'cli:ann@ops',
    requestId: null,
  },
  ...{ action: 'data_sources.update', entity: 'data_sources', entityId: 's1', before: null, after: null },
  ...{ details: null, address: null },
  ...given,
});
const matching = (given: Partial<AuditRecord>) =>
  DEFAULT_RULES.filter((rule) => rule.when.kind === 'each' && matches(rule, record(given))).map(
    ({ name }) => name,
  );

test('the default rules are valid, and each has a name of its own', () => {
  for (const rule of DEFAULT_RULES) assert.deepEqual(Rule.parse(rule), rule);
  assert.equal(new Set(DEFAULT_RULES.map(({ name }) => name)).size, DEFAULT_RULES.length);
});

const PLACES: [what: string, given: Partial<AuditRecord>, rules: string[]][] = [
  ['a host', { before: { routerUrlAt: 'a' }, after: { routerUrlAt: 'b' } }, ['source-place-changed']],
  ['a region', { before: { region: 'eu' }, after: { region: 'us' } }, ['source-place-changed']],
  ['a region that was not set before', { before: { region: null }, after: { region: 'us' } }, []],
  ['a password', { before: { routerUrl: 'fingerprint:a' }, after: { routerUrl: 'fingerprint:b' } }, []],
  ['a note', { before: { notes: 'a' }, after: { notes: 'b' } }, []],
  [
    'a tenant’s place without a move',
    { action: 'tenants.update', before: { data_source_url_at: 'a' }, after: { data_source_url_at: 'b' } },
    ['tenant-place-changed'],
  ],
  [
    'a tenant’s place by a move',
    {
      action: 'tenants.update',
      before: { data_source_url_at: 'a', route_epoch: 1 },
      after: { data_source_url_at: 'b', route_epoch: 2 },
    },
    [],
  ],
  [
    'an operator who was added',
    { action: 'users.insert', after: { role: 'operator', tenant_id: null } },
    ['operator-added'],
  ],
  ['a user who was added', { action: 'users.insert', after: { role: 'owner', tenant_id: 't' } }, []],
  [
    'a second factor that was removed',
    { action: 'users.update', before: { totp_confirmed_at: '2026' }, after: { totp_confirmed_at: null } },
    ['second-factor-removed'],
  ],
  ['a drill that failed', { action: 'backups.drill_failed' }, ['backup-drill-failed']],
  [
    'a rule that was changed',
    { action: 'alert_rules.update', entityId: 'outside-hours' },
    ['alert-rules-changed'],
  ],
];
for (const [what, given, rules] of PLACES) {
  test(`${what}: ${rules.join(', ') || 'no alert'}`, () => assert.deepEqual(matching(given), rules));
}

test('working hours are in the rule’s time zone, and may pass midnight', () => {
  const berlin = { kind: 'outside-hours', timeZone: 'Europe/Berlin', days: [1, 2, 3, 4, 5] } as const;
  const day = { ...berlin, days: [...berlin.days], from: '08:00', to: '18:00' };
  // Monday, 07:59 and 08:00, 17:59 and 18:00 in Berlin; Sunday.
  assert.equal(dayOutside(day, new Date('2026-11-30T06:59:59Z')), '2026-11-30');
  assert.equal(dayOutside(day, new Date('2026-11-30T07:00:00Z')), undefined);
  assert.equal(dayOutside(day, new Date('2026-11-30T16:59:59Z')), undefined);
  assert.equal(dayOutside(day, new Date('2026-11-30T17:00:00Z')), '2026-11-30');
  assert.equal(dayOutside(day, new Date('2026-11-29T23:30:00Z')), '2026-11-30');
  assert.equal(dayOutside(day, new Date('2026-11-29T12:00:00Z')), '2026-11-29');
  const night = { ...day, from: '22:00', to: '06:00' };
  assert.equal(dayOutside(night, new Date('2026-11-30T02:00:00Z')), undefined);
  assert.equal(dayOutside(night, new Date('2026-11-30T12:00:00Z')), '2026-11-30');
});

test('a title names fields of the record; what is not there is a dash', () => {
  const [rule] = DEFAULT_RULES;
  assert.ok(rule);
  const titled = { ...rule, title: '{actor} {details.network} {after.role} {constructor}' };
  assert.equal(
    titleOf(titled, record({ details: { network: '192.0.2.0/24' } })),
    'cli:ann@ops 192.0.2.0/24 – –',
  );
});
