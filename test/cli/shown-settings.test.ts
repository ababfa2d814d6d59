import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownSettings } from '@/cli/shown-settings';
import type { Configuration } from '@/lib/configuration';

test('settings are what holds in the process, and lists are readable', () => {
  const configuration = {
    PORT: 3000,
    TRUSTED_PROXIES: ['10.0.0.0/8', '192.168.0.0/16'],
    BACKUP_KEEP: { daily: 7, weekly: 5, monthly: 12 },
    ENCRYPTION_KEY: 'ab'.repeat(32),
  } as unknown as Configuration;
  const shown = new Map(shownSettings(configuration, { PORT: 4000 }, {}).map((one) => [one.name, one]));
  assert.deepEqual([shown.get('PORT')?.value, shown.get('PORT')?.from], ['4000', 'command_line']);
  assert.equal(shown.get('TRUSTED_PROXIES')?.value, '10.0.0.0/8\n192.168.0.0/16');
  assert.equal(shown.get('BACKUP_KEEP')?.value, 'daily: 7\nweekly: 5\nmonthly: 12');
  assert.equal(shown.get('ENCRYPTION_KEY')?.value, null);
});
