import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasLink } from '@/server/typed-names';

test('a name with what a mail program makes a link of is known from names with initials, titles and company forms', () => {
  for (const name of [
    'J.Smith',
    'J.R.R.Tolkien',
    'Dr.Weber',
    'Prof.Dr.Weber',
    'Müller GmbH & Co.KG',
    'Anna / Ben',
    'Zoë St. John',
  ])
    assert.equal(hasLink(name), false, name);
  for (const name of [
    'evil.example',
    'Win at Evil.Com today',
    'https://x',
    't.co/abc',
    'a.b.evil.com',
    'dr.evil.com',
    'www.x',
    '<b>',
  ])
    assert.equal(hasLink(name), true, name);
});
