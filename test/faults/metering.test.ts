// A process that counts what tenants use is killed at any moment: what it had added counts once, and at most its last batch is lost.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createTenantDatabase, TestDirectory } from '../lib/data-sources/tenant-database';
import { openTestOperationsDatabase } from '../lib/operations/operations-database';
import type { MeteringOrders } from './metering.program';

const { url: operationsUrl, operations } = await openTestOperationsDatabase();
const database = await createTenantDatabase();

test('a killed process loses at most what it had not added yet', { timeout: 180_000 }, async () => {
  for (const lines of [1, 2, 7]) {
    const tenantId = await new TestDirectory().place(database);
    const orders: MeteringOrders = {
      operationsUrl,
      tenantId,
      dataSourceId: database.id,
      routerUrl: database.routerUrl,
    };
    const program = path.join(import.meta.dirname, 'metering.program.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(orders)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let added = 0;
    for await (const line of createInterface(child.stdout)) {
      added = Number(line);
      // Lines that were printed before it is dead are still read.
      if (added === 10 * lines) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.ok(added >= 10 * lines);
    const { rows } = await operations.pool.query<{ statements: number }>(
      'select sum(statements)::int statements from usage_buckets where tenant_id = $1',
      [tenantId],
    );
    // A batch is added whole or not at all; the one under way may have been.
    assert.ok(
      rows[0]?.statements === added || rows[0]?.statements === added + 10,
      `${rows[0]?.statements} of ${added}`,
    );
  }
});
