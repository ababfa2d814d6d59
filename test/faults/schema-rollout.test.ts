// A process that goes on with a schema rollout is killed at each step: another one goes on, and nothing is done twice or left out.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { startSchemaRollout } from '@/lib/fleet/schema-rollout';
import { createInstallation } from '../lib/data-sources/installation';
import { createFleet, untilItWaits, version, withClient } from '../lib/fleet/schema-rollout/small-fleet';
import { until } from '../support/until';

const installation = await createInstallation();
const { operations, operationsUrl, applicationUrl, key } = installation;
const fleet = await createFleet(installation, 'k', 3);
const migrations: Record<string, string> = {};
let next = 1;

function runElsewhere(files: ReturnType<typeof version>): ChildProcess {
  const program = path.join(import.meta.dirname, 'schema-rollout.program.ts');
  const given = JSON.stringify({ applicationUrl, operationsUrl, key, files });
  return spawn(process.execPath, ['--import', 'tsx', program, given], { stdio: 'inherit' });
}

/** Where it is killed, where that is held up, and the statement it then waits with. */
const POINTS: [name: string, url: string, hold: string, statement: string][] = [
  [
    'before it takes a database’s turn',
    operationsUrl,
    'lock table schema_rollout_sources in share mode',
    'update schema_rollout_sources set attempts',
  ],
  ['inside the migration', fleet.urlOf('k1'), 'lock table rooms in access share mode', 'alter table rooms'],
  [
    'after the migration has committed, before that is recorded',
    operationsUrl,
    'lock table data_sources in share mode',
    'data_sources',
  ],
  [
    'before a wave is soaking',
    operationsUrl,
    'lock table schema_rollout_events in share mode',
    'update schema_rollouts',
  ],
];

for (const [name, url, hold, statement] of POINTS) {
  test(`killed ${name}`, { timeout: 120_000 }, async () => {
    next += 1;
    migrations[`${String(next).padStart(4, '0')}_change.sql`] =
      `alter table rooms add c${next} int; create table if not exists applied (version int primary key); insert into applied values (${next});`;
    const files = version({ ...migrations });
    const options = { canaries: ['k1'], lockTimeoutMs: 60_000 };
    const { rollout } = await startSchemaRollout(fleet.parts(files), { options, requestedBy: 'test' });
    await withClient(url, async (holder) => {
      await holder.query(`begin; ${hold}`);
      const child = runElsewhere(files);
      await untilItWaits(url, statement);
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await holder.query('rollback');
    });
    // The lock of the killed process is free once the server has noticed that its connection ended.
    await until(async () => {
      const advanced = await fleet.advance(files).catch((error) => {
        if (error.code !== 'job_running') throw error;
        return undefined;
      });
      return advanced?.step === 'completed';
    }, 'the rollout to be completed');
    for (const source of await fleet.store.sources(rollout?.id ?? '')) {
      assert.deepEqual([source.name, source.state, source.version], [source.name, 'done', next]);
      // Each migration once: a second time would have failed at the key.
      const { rows } = await fleet.query(source.name, 'select count(*)::int as n from applied');
      assert.equal(rows[0].n, next - 1);
    }
    assert.equal(await fleet.store.open(), undefined);
    assert.equal((await operations.dataSources.get('k1')).schemaVersion, next);
  });
}
