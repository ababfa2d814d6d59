import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertRuleAnswer } from '@/server/operator/alerts';
import { changesOf } from '@/web/operator/alerts/rule-changes';

const rule = {
  ...{ name: 'many', title: 'Many', severity: 'warning', enabled: true, quietMinutes: 60, fixed: false },
  when: { kind: 'count', count: 5, minutes: 10 },
} as unknown as AlertRuleAnswer;

test('only what was changed of a rule is sent, and what was removed of its condition is removed', () => {
  const { title, severity, when } = rule;
  assert.deepEqual(changesOf(rule, { title, severity, when }), {});
  assert.deepEqual(changesOf(rule, { title, severity: 'critical', when }), { severity: 'critical' });
  const other = { kind: 'count', count: 6 } as unknown as AlertRuleAnswer['when'];
  assert.deepEqual(changesOf(rule, { title, when: other }), { when: { count: 6, minutes: null } });
});
