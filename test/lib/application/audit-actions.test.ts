// The page lists every action that is recorded: `Audit.append` takes no other, which the compiler checks. What triggers and SQL record is
// compared here. `UPDATE_DOCS=1 npm test -- test/lib/application/audit-actions.test.ts` writes the page’s table.
import assert from 'node:assert/strict';
import { glob, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { AUDIT_ACTIONS } from '@/lib/application';
import { administer } from '../../support/postgres';
import { openTestApplicationDatabase } from './application-database';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PAGE = path.join(ROOT, 'docs/audit-log.md');
const TABLE = /(<!-- actions[^>]*-->\n)[\s\S]*?(<!-- end of actions -->)/;

test('docs/audit-log.md lists every action', async () => {
  const rows = Object.entries(AUDIT_ACTIONS).map(([action, means]) => `| \`${action}\` | ${means} |\n`);
  const page = await readFile(PAGE, 'utf8');
  assert.match(page, TABLE);
  const current = page.replace(
    TABLE,
    (_, begin: string, end: string) => `${begin}| action | means |\n| --- | --- |\n${rows.join('')}${end}`,
  );
  if (process.env.UPDATE_DOCS) await writeFile(PAGE, current);
  assert.equal(await readFile(PAGE, 'utf8'), current);
});

test('each table whose changes triggers record has its three actions', async () => {
  const { url } = await openTestApplicationDatabase();
  const { rows: tables } = await administer(
    url,
    `select distinct tgrelid::regclass::text name from pg_trigger where tgfoid = 'marquee.audit()'::regprocedure`,
  );
  assert.ok(tables.length > 1);
  for (const { name } of tables) {
    for (const change of ['insert', 'update', 'delete']) {
      assert.ok(`${name}.${change}` in AUDIT_ACTIONS, `${name}.${change}`);
    }
  }
});

test('nothing records past Audit.append but the log’s own checkpoints and archives', async () => {
  const found: string[] = [];
  for await (const file of glob('src/**/*.{ts,sql}', { cwd: ROOT })) {
    if (/insert into (public\.)?audit_log/.test(await readFile(path.join(ROOT, file), 'utf8')))
      found.push(file);
  }
  assert.deepEqual(found.sort(), [
    'src/lib/application/audit-chain/archive.ts',
    'src/lib/application/audit.ts',
    'src/lib/application/functions/audit.sql',
    'src/lib/application/functions/audit_chain.sql',
  ]);
});
