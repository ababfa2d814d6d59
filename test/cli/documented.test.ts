// Pages that list what the code has, and forget nothing of it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { DEFAULT_RULES } from '@/lib/alerts/default-rules';
import { PROBES } from '@/lib/fleet/health/postgres-probes';
import { sourceHealth } from '@/web/operator/health/words.en';
import { leafCommands } from './leaf-commands';

const page = (name: string) => readFile(path.join(import.meta.dirname, '../../docs', name), 'utf8');

test('docs/health.md has every probe, and every measure and fact', async () => {
  const text = await page('health.md');
  const [, table = ''] = /\n## What is probed\n([\s\S]*?)\n\nEvery probe/.exec(text) ?? [];
  const probes = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, names = '']) => names.split(', '));
  assert.deepEqual(
    PROBES.map(({ name }) => name).filter((name) => !probes.includes(name)),
    [],
  );
  const measures = Object.keys(sourceHealth.named);
  assert.ok(measures.includes('transactions_per_s'));
  assert.deepEqual(
    measures.filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});

test('docs/alerts.md has every rule', async () => {
  const text = await page('alerts.md');
  assert.deepEqual(
    DEFAULT_RULES.map(({ name }) => name).filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});

test('every command has --json, as README.md says', async () => {
  const without = [...(await leafCommands())].filter(
    ([, { options }]) => !options.some(({ long }) => long === '--json'),
  );
  assert.deepEqual(
    without.map(([name]) => name),
    [],
  );
});
