// Identifiers of the server that a page would otherwise show as they are: both catalogues name each of them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ConnectionPoolConfig } from '@/lib/data-sources/admission/pool-config';
import type { SignInMethod } from '@/lib/identity';
import type { BackupAnswer } from '@/server/operator/backups/backups';
import { ListedMove } from '@/server/operator/moves/answers';
import type { ListedRolloutAnswer } from '@/server/operator/moves/rollouts';
import type { SchemaRolloutWhole } from '@/server/operator/schema/rollouts';
import { de } from '@/web/operator/words/de';
import { en } from '@/web/operator/words/en';

/** All values of a type: one that is missing does not compile. */
const all = <Value extends string>(values: Record<Value, true>) => Object.keys(values);

const { step, mode, wanted, remedy } = ListedMove.shape;

const identifiers: Record<string, readonly string[]> = {
  'tenants.page.limit': Object.keys(ConnectionPoolConfig.shape),
  'tenants.page.methods': all<SignInMethod>({
    ...{ password: true, otp: true, passkey: true, sso: true, support: true },
  }),
  'backups.backupState': all<BackupAnswer['state']>({
    ...{ running: true, complete: true, failed: true, removing: true, removed: true },
  }),
  'moves.steps': step.options,
  'moves.modes': mode.options,
  'moves.commands': wanted.options,
  'moves.remedy': remedy.unwrap().options,
  'moves.rollouts.steps': all<ListedRolloutAnswer['step']>({
    ...{ moving: true, soaking: true, closing: true, returning: true, halted: true },
    ...{ completed: true, rolled_back: true },
  }),
  'schema.gates': all<NonNullable<SchemaRolloutWhole['rollout']['failed']>['gate']>({
    ...{ migration: true, readable: true, index: true, drift: true },
  }),
  'schema.sourceStates': all<SchemaRolloutWhole['sources'][number]['state']>({
    ...{ waiting: true, pinned: true, running: true, expanded: true, done: true, failed: true },
    skipped: true,
  }),
};

function missing(words: object, place: string, names: readonly string[]): string[] {
  const there = place
    .split('.')
    .reduce<unknown>((all, key) => (all as Record<string, unknown>)?.[key], words);
  return names.filter((name) => typeof (there as Record<string, unknown>)?.[name] !== 'string');
}

for (const [language, words] of Object.entries({ en, de }))
  test(`no page shows an identifier: ${language} names limits, states, steps, gates and measures`, async () => {
    const health = await readFile(path.resolve(import.meta.dirname, '../../../docs/health.md'), 'utf8');
    const [, table = ''] = /\n## Measures and facts\n([\s\S]*?)\n## /.exec(health) ?? [];
    const measures = [...table.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
    assert.ok(measures.length > 20);
    for (const [place, names] of Object.entries({ ...identifiers, 'sourceHealth.named': measures }))
      assert.deepEqual(missing(words, place, names), [], place);
  });
