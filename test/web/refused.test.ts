// What the database refused is said with the field as the screen labels it, in the user's language.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import i18next from 'i18next';
import { de } from '@/web/i18n/de';
import { en } from '@/web/i18n/en';
import { refusedColumn, refusedWords } from '@/web/ui/notify/refused';

before(() =>
  i18next.init({
    lng: 'en',
    resources: { en: { translation: en }, de: { translation: de } },
    interpolation: { escapeValue: false },
  }),
);

test('a refusal names its field in both languages', async () => {
  const refusal = { rule: 'needed', column: 'guest_count' } as const;
  assert.equal(refusedWords(refusal, {}), `Fill in “${en.field.guest_count}”.`);
  await i18next.changeLanguage('de');
  assert.equal(refusedWords(refusal, {}), `Füllen Sie „${de.field.guest_count}“ aus.`);
  await i18next.changeLanguage('en');
});

test('a value that does not fit its type is found by what was sent', () => {
  const sent = { first_name: 'Ann', guest_count: 3_000_000_000, event_date: '2028-02-30', budget: 5 };
  assert.equal(refusedColumn({ rule: 'too_large', value: '3000000000' }, sent), 'guest_count');
  assert.equal(refusedColumn({ rule: 'too_large' }, sent), 'guest_count');
  assert.equal(refusedColumn({ rule: 'wrong_form', value: '2028-02-30', type: 'date' }, sent), 'event_date');
  assert.equal(refusedColumn({ rule: 'too_long' }, { name: 'x'.repeat(9), notes: 'x' }), 'name');
  assert.match(refusedWords({ rule: 'wrong_form', value: 'abc' }, {}), /“abc” does not fit “a field”/);
});

test('what still uses a record is named as on the screens, a made-up slug as the name', () => {
  assert.match(refusedWords({ rule: 'in_use', other: 'events' }, {}), new RegExp(en.entity.events.many));
  assert.match(refusedWords({ rule: 'in_use', other: 'no_such_table' }, {}), /other records/);
  assert.match(refusedWords({ rule: 'duplicate', column: 'slug' }, {}), new RegExp(`“${en.field.name}”`));
});
