import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containing, isEmail, phoneKey, sameNumber, searchCondition } from '@/web/hooks/request/typed-text';

test('text is looked for as it stands, whatever characters it has', () => {
  assert.equal(containing('name', '100%'), 'name.imatch."100%"');
  assert.equal(containing('name', 'a_b*c'), String.raw`name.imatch."a_b\\*c"`);
  assert.equal(containing('name', String.raw`\ "(x)"`), String.raw`name.imatch."\\\\ \"\\(x\\)\""`);
  assert.equal(sameNumber('asset_tag', 'A 1'), String.raw`asset_tag.imatch."^\\s*A\\s*1\\s*$"`);
});

test('every word is in one of the columns; a phone number is also found by its key', () => {
  assert.equal(
    searchCondition({ words: ' ada  b ', columns: ['name', 'email'] }),
    'and(or(name.imatch."ada",email.imatch."ada"),or(name.imatch."b",email.imatch."b"))',
  );
  assert.match(
    searchCondition({ words: '+31 6 1234', columns: ['phone'] }) ?? '',
    /\),phone_key\.imatch\."61234"$/,
  );
  assert.equal(searchCondition({ words: '2027', columns: ['name'] })?.includes('phone_key'), false);
  assert.equal(searchCondition({ words: '  ', columns: ['name'] }), undefined);
});

test('part of a phone number is a part of its key; other text is none', () => {
  assert.equal(phoneKey('(512) 555-01'), '51255501');
  assert.equal(phoneKey('06 1234'), '61234');
  assert.equal(phoneKey('Room 1234'), undefined);
  assert.equal(phoneKey('12'), undefined);
});

test('a mail address has a name and a domain of two parts', () => {
  for (const good of [
    'a@b.co',
    'Ana.Rivera+x@mail.example',
    "o'neil@büro.example",
    'x@1.example',
    ' a@b.co ',
  ])
    assert.ok(isEmail(good), good);
  for (const bad of [
    'x@holloway',
    'x',
    '@x.co',
    'a b@x.co',
    'a@x..co',
    '.a@x.co',
    'a@x.co, b@x.co',
    'a@-x.co',
    'a@x.1',
  ])
    assert.ok(!isEmail(bad), bad);
});
