import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { de } from '@/web/i18n/de';
import { en } from '@/web/i18n/en';

const WEB = path.resolve(import.meta.dirname, '../../src/web');

type Words = { readonly [key: string]: string | Words };

/** `a.b.c` → its words. */
function flat(words: Words, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

const english = flat(en);
const german = flat(de);

test('German says everything that English says, and nothing else', () => {
  assert.deepEqual([...german.keys()].sort(), [...english.keys()].sort());
  const empty = [...german].filter(([, words]) => words.trim() === '');
  assert.deepEqual(empty, []);
});

test('both languages fill in the same values', () => {
  const placesOf = (words: string) => [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
  const differing = [...english].filter(
    ([key, words]) => placesOf(words).join() !== placesOf(german.get(key) ?? '').join(),
  );
  assert.deepEqual(differing, []);
});

test('what is counted has the plural forms of its language', () => {
  for (const [language, words] of [
    ['en', english],
    ['de', german],
  ] as const) {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const key of words.keys()) {
      const stem = /^(.*)_(?:zero|one|two|few|many|other)$/.exec(key)?.[1];
      if (stem === undefined || !words.has(`${stem}_other`)) continue;
      for (const form of forms) assert.ok(words.has(`${stem}_${form}`), `${language}: ${stem}_${form}`);
    }
  }
});

test('every word that a screen asks for exists', async () => {
  const missing: string[] = [];
  for await (const [file, source] of sources()) {
    for (const [, key = ''] of source.matchAll(/\bt\(\s*'([\w.]+)'/g)) {
      if (!english.has(key) && !english.has(`${key}_other`)) missing.push(`${file}: ${key}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('no screen speaks English by itself', async () => {
  const found: string[] = [];
  for await (const [file, source] of sources()) {
    if (!file.endsWith('.tsx')) continue;
    // Text between tags, and attributes that people read or hear.
    const texts = [
      ...source.matchAll(/(?:[\w"'}/]|\/)>\s*([A-Z][A-Za-z’',. ]+?)\s*<\//g),
      ...source.matchAll(
        /\b(?:aria-label|label|placeholder|title|description|alt)="([A-Z][^"]+|[^"]* [^"]*)"/g,
      ),
    ];
    for (const [, text = ''] of texts) if (!NAMES.has(text.trim())) found.push(`${file}: ${text.trim()}`);
  }
  assert.deepEqual(found, []);
});

/** The same in every language. */
const NAMES = new Set(['Marquee']);

async function* sources(): AsyncGenerator<[file: string, source: string]> {
  for await (const file of glob('**/*.{ts,tsx}', { cwd: WEB, exclude: ['i18n/**'] })) {
    yield [file, await readFile(path.join(WEB, file), 'utf8')];
  }
}
