import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitName } from '@/lib/crm/import/names';

const split = (text: string, style: 'first-last' | 'last-first' | 'whole' = 'first-last') => {
  const { first_name, last_name } = splitName(text, style);
  return [first_name, last_name];
};

test('full names are divided as people write them', () => {
  for (const [text, first, last] of [
    ['Anna Smith', 'Anna', 'Smith'],
    ['Smith, Anna', 'Anna', 'Smith'],
    ['Dr. Anna Maria Smith, PhD', 'Anna Maria', 'Smith'],
    ['Mr. John Smith Jr.', 'John', 'Smith'],
    ['Ludwig van der Berg', 'Ludwig', 'van der Berg'],
    ['van der Berg, Ludwig', 'Ludwig', 'van der Berg'],
    ['Anna & Ben Smith', 'Anna & Ben', 'Smith'],
    ['Mr. and Mrs. Smith', 'Mr. and Mrs.', 'Smith'],
    ['Anna Smith & Ben Jones', 'Anna Smith & Ben Jones', undefined],
    ['Cher', 'Cher', undefined],
    ['  Anna   Smith ', 'Anna', 'Smith'],
    ['Smith, Anna & Ben', 'Anna & Ben', 'Smith'],
    ['Dr Smith', 'Smith', undefined],
  ] as const)
    assert.deepEqual(split(text), [first, last], text);
});

test('the owner may say that the last name comes first, or that names stay whole', () => {
  assert.deepEqual(split('Smith Anna Maria', 'last-first'), ['Anna Maria', 'Smith']);
  assert.deepEqual(split('van der Berg Ludwig', 'last-first'), ['Ludwig', 'van der Berg']);
  assert.deepEqual(split('Smith Anna & Ben', 'last-first'), ['Anna & Ben', 'Smith']);
  assert.deepEqual(split('Smith Anna', 'whole'), ['Smith Anna', undefined]);
});
