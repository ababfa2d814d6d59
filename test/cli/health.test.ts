// `marquee health` and `marquee status`, against an installation with one source that is well and one that is not.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { healthCommand } from '@/cli/commands/health';
import { statusCommand } from '@/cli/commands/status';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { readMap } from '@/lib/fleet/map';
import { type Part, readOverview } from '@/lib/fleet/overview';
import { createInstallation } from '../lib/data-sources/installation';
import { createTestDatabase } from '../support/postgres';
import { until } from '../support/until';

const installation = await createInstallation();
const { application, operations } = installation;
Object.assign(process.env, {
  MARQUEE_STATE_DIRECTORY: path.join(tmpdir(), `marquee-none-${process.pid}`),
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  ENCRYPTION_KEY: installation.key,
});
const adminUrl = await createTestDatabase('shared', 'tenant_data');
await provisionDataSource(operations, { name: 'sound', kind: 'shared', adminUrl });
await provisionTenant(installation, { name: 'Acme', subdomain: 'acme', dataSource: 'sound' });
const away = 'postgresql://u:hunter2@127.0.0.1:1/none';
await operations.dataSources.create({ name: 'away', kind: 'byod', adminUrl: away, routerUrl: away });
await operations.pool.query(
  `insert into health_sources (data_source_id, state, findings, probed_at, measures)
   select id, case name when 'sound' then 'healthy' else 'unhealthy' end,
     case name when 'sound' then '[]' else '[{"cause": "server_unreachable", "level": "unhealthy", "evidence": "Connecting: ECONNREFUSED."}]' end::jsonb,
     now(), '{"connections_used": 7, "connections_left": 93}'
   from data_sources`,
);

/** Runs a command in this process. @returns what it printed */
async function run(command: typeof healthCommand, ...args: string[]): Promise<string> {
  const printed: string[] = [];
  const { log } = console;
  console.log = (line: string) => printed.push(line);
  try {
    await command.parseAsync(args, { from: 'user' });
    return printed.join('\n');
  } finally {
    console.log = log;
  }
}

test('health lists the worst first, and says of one what to do', async () => {
  const all = (await run(healthCommand)).split('\n');
  assert.match(all[1] ?? '', /^away +unhealthy .*The server cannot be reached\. Connecting: ECONNREFUSED\./);
  assert.match(all[2] ?? '', /^sound +healthy/);
  const one = await run(healthCommand, 'away');
  assert.match(one, /away: unhealthy/);
  assert.match(one, /→ Check that the server runs/);
  assert.doesNotMatch(one, /hunter2/);
  await assert.rejects(run(healthCommand, 'none'), { code: 'data_source_unknown' });
});

test('thresholds are changed for all or for one, recorded, and checked', async () => {
  const thresholdOf = async (name: string, of: string) =>
    JSON.parse(await run(healthCommand, 'thresholds', of, '--json')).find(
      (row: { name: string }) => row.name === name,
    ).value;
  await run(healthCommand, 'thresholds', 'all', 'connections_left=7', 'slot_degraded_bytes=1000');
  await run(healthCommand, 'thresholds', 'sound', 'connections_left=9');
  assert.deepEqual(
    [await thresholdOf('connections_left', 'sound'), await thresholdOf('connections_left', 'away')],
    [9, 7],
  );
  await run(healthCommand, 'thresholds', 'sound', 'connections_left=');
  assert.equal(await thresholdOf('connections_left', 'sound'), 7);
  for (const change of ['none=1', 'rounds_to_leave=0', 'connections_left=-1', 'connections_left=x'])
    await assert.rejects(run(healthCommand, 'thresholds', 'all', change), {
      code: 'health_threshold_invalid',
    });
  const recorded = await application.audit.list({ limit: 10 });
  assert.ok(JSON.stringify(recorded).includes('health_thresholds.update'));
});

test('status shows the worst first, each with a command', async () => {
  const text = await run(statusCommand);
  assert.match(text, /sources +1 healthy, 1 unhealthy {2}\(1 bad\)/);
  assert.match(text, /tenants +1 active/);
  assert.match(text, /Needs action[\s\S]*sources +away +unhealthy .*marquee health away/);
  assert.match(text, /service +server +not running .*marquee start/);
  const parts = JSON.parse(await run(statusCommand, '--json')) as Part[];
  const sound = parts
    .find(({ name }) => name === 'sources')
    ?.items.find(({ subject }) => subject === 'sound');
  assert.deepEqual([sound?.values.tenants, sound?.values.connections], [1, '7/100']);
  for (const none of ['drift', 'backups', 'jobs'])
    assert.equal(parts.find(({ name }) => name === none)?.state, 'not-set-up');
  for (const { name } of parts) assert.equal(JSON.parse(await run(statusCommand, name, '--json')).name, name);
});

test('jobs that fail and databases that drifted are worth a look', async () => {
  const { jobs } = operations;
  let work = async (): Promise<object> => ({ databases: 2, drifted: ['away'], unread: ['sound'] });
  await jobs.runInBackground({
    name: 'schema-drift',
    limitSeconds: 60,
    retries: 0,
    pollingIntervalSeconds: 0.5,
    work: () => work(),
  });
  const partOf = async (name: string) => (await readOverview({ application, operations }, [name]))[0];
  await jobs.request('schema-drift', {});
  const drift = await until(async () => {
    const part = await partOf('drift');
    return part?.state === 'read' ? part : undefined;
  });
  assert.deepEqual(
    drift.items.map(({ subject, level, next }) => [subject, level, next]),
    [
      ['away', 'bad', 'marquee migrate drift away'],
      ['sound', 'warning', 'marquee migrate drift sound'],
    ],
  );
  work = () => Promise.reject(new Error('no disk'));
  await jobs.request('schema-drift', {});
  await until(async () => (await partOf('jobs'))?.items.some(({ state }) => state === 'failed'));
});

test('moves and rollouts under way are shown with the names of their data sources', async () => {
  const [from, to] = await Promise.all(['sound', 'away'].map((name) => operations.dataSources.get(name)));
  await operations.pool.query(
    `insert into moves (tenant_id, from_source, to_source, from_tenant_id, to_tenant_id, mode, requested_by)
     select n, $1, $2, n, n, 'logical', 'test' from gen_random_uuid() n`,
    [from?.id, to?.id],
  );
  await operations.pool.query(
    `insert into rollouts (from_sources, to_source, waves, requested_by) values (array[$1], $2, '{first}', 'test')`,
    [from?.id, to?.id],
  );
  const parts = await readOverview({ application, operations }, ['moves', 'rollouts']);
  const subjects = parts.flatMap(({ items }) => items.map(({ subject }) => subject.replace(/^\w{8} /, '')));
  assert.deepEqual(subjects, ['sound → away', '→ away']);
  await operations.pool.query('delete from moves; delete from rollouts');
});

test('a database that is away hides only its own part', async () => {
  const failing = new Proxy(application, {
    get(target, name) {
      if (name === 'tenants' || name === 'ping') {
        const fail = () => Promise.reject(new Error('The application database cannot be reached.'));
        return name === 'ping' ? fail : { list: fail, counts: fail };
      }
      return Reflect.get(target, name, target);
    },
  });
  const parts = await readOverview({ application: failing, operations });
  const state = Object.fromEntries(parts.map((part) => [part.name, part.state]));
  assert.equal(state.tenants, 'unreachable');
  assert.equal(state.sources, 'read');
  assert.match(
    parts.find(({ name }) => name === 'tenants')?.summary ?? '',
    /could not be read: The application database/,
  );
  assert.equal(parts.find(({ name }) => name === 'service')?.items[0]?.level, 'bad');
  const map = await readMap({ application: failing, operations });
  assert.ok(
    map.groups.every(
      ({ tenants, sources }) => tenants === null && sources.every((one) => one.tenants === null),
    ),
    'numbers that are not known are not zero',
  );
});
