import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFilter } from '@/server/realtime/filter';

const TENANT = { id: '00000000-0000-4000-8000-00000000000a', withOneId: (text: string) => text };
const matches = (filter: string, notes: unknown) =>
  readFilter(filter, () => 'text', TENANT).matches({ notes });

test('LIKE: wildcards, escapes and characters of any length', () => {
  const cases: [pattern: string, text: string, expected: boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['%', '', true],
    ['%%', 'ab', true],
    ['_', '', false],
    ['_', '🎪', true],
    ['__', '🎪', false],
    ['a%', 'abc', true],
    ['a%', 'ba', false],
    ['%c', 'abc', true],
    ['%c', 'abcd', false],
    ['a_c', 'abc', true],
    ['a%b%c', 'a-b-b-c', true],
    ['a%b%c', 'a-c-b', false],
    ['%ab', 'aab', true],
    ['%🎪_', 'a🎪🎪🎪', true],
    ['a.c', 'abc', false],
    ['a%', 'a\nb', true],
    ['100\\%', '100%', true],
    ['100\\%', '100 ', false],
    ['\\_\\\\', '_\\', true],
    ['%\\_%', 'a_b', true],
    ['A%', 'abc', false],
    ['[ab]', '[ab]', true],
  ];
  for (const [pattern, text, expected] of cases) {
    assert.equal(matches(`notes=like.${pattern}`, text), expected, `${text} like ${pattern}`);
    assert.equal(matches(`notes=not.like.${pattern}`, text), !expected, `${text} not like ${pattern}`);
  }
  assert.equal(matches('notes=ilike.ÄP%_L', 'äpfel'), true);
  assert.equal(matches('notes=ilike.a\\%', 'A%'), true);
  assert.equal(matches('notes=like.%', null), false);
});

test('no pattern takes long, however many wildcards it has', { timeout: 60_000 }, () => {
  const notes = 'a'.repeat(5_000);
  for (const operator of ['like', 'ilike']) {
    assert.equal(matches(`notes=${operator}.%a%a%a%a%b`, notes), false);
    assert.equal(matches(`notes=${operator}.${'%a'.repeat(99)}%b`, notes), false);
    assert.equal(matches(`notes=${operator}.${'%a'.repeat(99)}%`, notes), true);
    assert.equal(matches(`notes=${operator}.%${'a'.repeat(198)}b`, notes), false);
  }
  assert.throws(() => matches(`notes=like.${'a'.repeat(201)}`, notes), /has too long a pattern/);
});
