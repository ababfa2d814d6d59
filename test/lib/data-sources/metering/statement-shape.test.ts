import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shapeOf, withoutValues } from '@/lib/data-sources/metering/statement-shape';

for (const [text, plain] of [
  ['select * from a where id = $1 limit 5', 'select * from a where id = $1 limit ?'],
  ["select 'it''s', E'a\\'b', $$x$$, $t$ y $$ $t$ from t1", 'select ?, … from t1'],
  ['select "Col 1" from "t" -- secret 1\n where x in (1, 2, 3)', 'select "Col 1" from "t" where x in (?, …)'],
  ["/* 'secret' */ select 1.5e-7, .5, x2 from t", 'select ?, …, x2 from t'],
  ["insert into a values (1, 'x'), (2, 'y')", 'insert into a values (?, …), (?, …)'],
  ["select U&'d\\0061t', b'101', x'1F', date '2026-11-30'", 'select ?, …, date ?'],
  ["select 'unterminated secret", 'select ?'],
] as const) {
  test(`without its values: ${text}`, () => assert.equal(withoutValues(text), plain));
}

test('no value stands in a shape, whatever it is', () => {
  const marked = fc.string({ unit: 'grapheme' }).map((value) => `SECRET${value}SECRET`);
  const literal = fc.oneof(
    marked.map((value) => `'${value.replaceAll("'", "''")}'`),
    marked.map((value) => `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
    marked.filter((value) => !value.includes('$')).map((value) => `$$${value}$$`),
    marked.filter((value) => !value.includes('$')).map((value) => `$q$${value}$q$`),
    fc.integer({ min: 1_000_000 }).map(String),
  );
  fc.assert(
    fc.property(fc.array(literal, { minLength: 1, maxLength: 5 }), (values) => {
      const plain = withoutValues(
        `select a1, ${values.map((value) => `f(${value})`).join(' or ')} from t where b = $1`,
      );
      assert.doesNotMatch(plain, /SECRET|\d{7}/);
      assert.match(plain, /^select a1, f\(\?\).* from t where b = \$1$/);
    }),
  );
});

test('texts that differ in values are one shape', () => {
  assert.equal(shapeOf("select 1 where x = 'a'"), shapeOf("select 2  where x = 'b'"));
  assert.notEqual(shapeOf('select 1').fingerprint, shapeOf('select x').fingerprint);
});
