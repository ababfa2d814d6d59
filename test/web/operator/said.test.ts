// What the server says by a code has a German sentence with the same values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import i18next from 'i18next';
import { optionalServices } from '@/cli/optional-services';
import { AUDIT_ACTIONS } from '@/lib/application';
import { CAUSES, EVIDENCE } from '@/lib/fleet/health';
import { DETAILS, STATES } from '@/lib/fleet/overview';
import { said } from '@/web/operator/said/said.de';

const english = new Map<string, string>();
for (const [name, catalogue] of Object.entries({ evidence: EVIDENCE, states: STATES, details: DETAILS }))
  for (const [code, words] of Object.entries(catalogue)) english.set(`${name}.${code}`, words);
for (const [cause, { title, nextStep }] of Object.entries(CAUSES)) {
  english.set(`causes.${cause}.title`, title);
  english.set(`causes.${cause}.nextStep`, nextStep);
}
for (const [action, words] of Object.entries(AUDIT_ACTIONS)) english.set(`actions.${action}`, words);
for (const { code, name, without } of optionalServices({})) {
  english.set(`services.${code}.name`, name);
  english.set(`services.${code}.without`, without);
}

test('every code of the server is said in German, as a page looks it up', async () => {
  const german = i18next.createInstance();
  const escaped = { interpolation: { escapeValue: false } };
  await german.init({ lng: 'de', resources: { de: { translation: { said } } }, ...escaped });
  const placesOf = (words: string) => [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '');
  assert.ok(english.size > 150);
  for (const [code, words] of english) {
    const values = Object.fromEntries(placesOf(words).map((name) => [name, `<${name}>`]));
    const shown = german.t(`said.${code}`, { ...values, defaultValue: 'English' });
    assert.notEqual(shown, 'English', code);
    assert.ok(!shown.includes('{{'), `${code}: ${shown}`);
    for (const value of Object.values(values)) assert.ok(shown.includes(value), `${code} without ${value}`);
  }
});
