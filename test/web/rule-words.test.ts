// What the rules of the database say has German words, value by value.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { rules } from '@/web/i18n/de/rules';
import { ruleWords } from '@/web/ui/notify/rule-words';

const asItIs = (value: string) => value;

test('values are put where the translation wants them, in words', () => {
  const german = (said: string) =>
    ruleWords(said, rules, (value) => (value === 'canceled' ? 'storniert' : value));
  assert.equal(german('Contract C-7 is canceled.'), 'Vertrag C-7: storniert.');
  assert.equal(
    german('The discount of the quote is 30 %; your limit is 20 %.'),
    'Der Rabatt des Angebots ist 30 %; Ihre Grenze ist 20 %.',
  );
  assert.equal(
    german("The payment is more than the invoice's balance."),
    rules['The payment is more than the invoice’s balance.'],
  );
  assert.equal(german('A sentence that no rule says.'), 'A sentence that no rule says.');
});

test('every refusal of a rule has German words, message and hint', async () => {
  const missing: string[] = [];
  let found = 0;
  for await (const file of glob('src/lib/tenant-data/functions/**/*.sql')) {
    const sql = await readFile(file, 'utf8');
    for (const [, call = ''] of sql.matchAll(/tenancy\.refuse\(([^;]*?)\);/gs)) {
      const sentences = [...call.matchAll(/'((?:[^']|'')*)'/g)]
        .map(([, text = '']) => text.replaceAll("''", "'"))
        // Whole sentences: other literals are parts that the function joins, or names.
        .filter((text) => /^[A-Z“`%].*[a-z“”%)}.]\.$/.test(text) && text.includes(' '));
      for (const sentence of sentences) {
        found++;
        const said = sentence.replace(/%%/g, '%').replace(/%s/g, 'x');
        if (ruleWords(said, rules, asItIs) === said) missing.push(`${file}: ${sentence}`);
      }
    }
  }
  assert.ok(found > 200, String(found));
  assert.deepEqual(missing, []);
});

test('the reasons of “can we take it?” have German words; what is missing is listed by the screen', async () => {
  const sql = await readFile('src/lib/tenant-data/functions/equipment/availability.sql', 'utf8');
  const reasons = [...sql.matchAll(/'([A-Z%][^']* [^']*\.)'/g)].map(([, text = '']) => text);
  assert.ok(reasons.length >= 10, String(reasons));
  for (const reason of reasons) assert.ok(rules[reason], reason);
});
