import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { checkSetting, missingCompanyDetails, readSetting, SETTINGS } from '@/lib/crm/settings';
import { INITIAL_SETTINGS } from '@/lib/initial-settings';

test('every setting has an initial value, which it accepts', () => {
  assert.deepEqual(Object.keys(INITIAL_SETTINGS).sort(), Object.keys(SETTINGS).sort());
  for (const [key, initial] of Object.entries(INITIAL_SETTINGS))
    assert.deepEqual(checkSetting(key, initial), initial);
});

test('what a new tenant’s database is given equals the initial values', async () => {
  const seed = await readFile('src/lib/tenant-data/functions/settings/seed_tenant.sql', 'utf8');
  const [, rows = ''] = seed.split('insert into public.tenant_settings (key, value) values');
  const given = [...rows.matchAll(/\('(\w+)', '([^']*)'\)/g)].map(([, key, value]) => [
    key,
    JSON.parse(value ?? ''),
  ]);
  assert.ok(given.length >= 6);
  for (const [key, value] of given)
    assert.deepEqual(value, INITIAL_SETTINGS[key as keyof typeof INITIAL_SETTINGS], key);
});

test('a wrong setting is refused with words; a stored one that is no longer valid reads as the initial one', () => {
  assert.throws(() => checkSetting('colour', 1), { code: 'setting_unknown' });
  assert.throws(() => checkSetting('timezone', 'Mars/Base'), { code: 'setting_invalid' });
  assert.throws(() => checkSetting('currency', 'XXQ'), { code: 'setting_invalid' });
  assert.throws(() => checkSetting('priority_windows', { critical: 9, high: 7, medium: 14, low: 30 }), {
    code: 'setting_invalid',
  });
  const { stages } = INITIAL_SETTINGS.pipeline;
  assert.throws(
    () =>
      checkSetting('pipeline', { stages: stages.filter(({ kind }) => kind !== 'won'), stale_after_days: 1 }),
    /one won/,
  );
  assert.equal(readSetting('currency', 'EUR'), 'EUR');
  assert.equal(readSetting('currency', 7), 'USD');
});

test('what clients would miss of a company: everything at first, nothing once it is filled in', () => {
  const initial = { company: readSetting('company', undefined), logo: '', locale: 'en-US' };
  assert.deepEqual(missingCompanyDetails(initial), ['name', 'address', 'email', 'logo']);
  assert.deepEqual(missingCompanyDetails({ ...initial, locale: 'de-DE' }).at(-1), 'tax_number');
  const company = {
    ...initial.company,
    name: 'Flash & Frame',
    lines: ['12 Harbour Road'],
    email: 'hi@flash.example',
  };
  const filled = { company, logo: 'data:image/png;base64,iVBORw0KGgoA', locale: 'en-US' };
  assert.deepEqual(missingCompanyDetails(filled), []);
  assert.deepEqual(missingCompanyDetails({ ...filled, company: { ...company, lines: [' '] } }), ['address']);
  // A number to call is no place for the answer to a mail.
  assert.deepEqual(missingCompanyDetails({ ...filled, company: { ...company, email: '', phone: '614' } }), [
    'email',
  ]);
});
