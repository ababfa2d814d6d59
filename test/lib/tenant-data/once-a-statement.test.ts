// What is the same for every row of a statement is asked once: `tenant_id = tenancy.current_tenant()` in a condition would verify the
// claims for each look-up or each row, beside the policy, which asks for itself. As a scalar sub-select it is asked once.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

const FUNCTIONS = path.resolve(import.meta.dirname, '../../../src/lib/tenant-data/functions');

/** A condition, as far as the next clause. */
const CONDITION =
  /\b(where|on)\b(?!\s+conflict)[\s\S]*?(?=;|\border by\b|\bgroup by\b|\breturning\b|\blimit\b|\bwhere\b|\bunion\b|\$\$|$)/g;
/** Compared with a row's value, also inside COALESCE. */
const ASKED_FOR_EACH_ROW =
  /(=|<|>|\b(between|and|or|from))\s+(coalesce\([^()]*)?tenancy\.(current_tenant|current_user_id|current_user_role|acting_user|today)\(/;

/** The conditions of a file that ask for each row. */
function offending(text: string): string[] {
  const conditions = text.replace(/--.*/g, '').matchAll(CONDITION);
  return [...conditions].map(([condition]) => condition).filter((one) => ASKED_FOR_EACH_ROW.test(one));
}

test('no condition in a function asks for tenant, user or day row by row', async () => {
  const found: string[] = [];
  let files = 0;
  for await (const file of glob('**/*.sql', { cwd: FUNCTIONS })) {
    files += 1;
    const text = await readFile(path.join(FUNCTIONS, file), 'utf8');
    found.push(...offending(text).map((condition) => `${file}: ${condition.trim()}`));
  }
  assert.ok(files > 100);
  assert.deepEqual(found, []);
});

test('the rule sees a condition that asks, and leaves one that asks once', () => {
  assert.equal(offending('select 1 from x where x.tenant_id = tenancy.current_tenant() and x.y').length, 1);
  assert.equal(offending('… where r.day >= coalesce($1, tenancy.today()) order by 1').length, 1);
  assert.deepEqual(offending('… join x on x.tenant_id = (select tenancy.current_tenant())'), []);
  assert.deepEqual(offending('if day < tenancy.today() then'), []);
});
