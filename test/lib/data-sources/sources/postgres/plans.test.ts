// Plans for a tenant with far more rows than the others in its database: rows expected and read, never clocks.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { runTransaction } from '@/lib/postgres';
import { createDataEngine, Engine, isPlanned, loadSchemaCache } from '@/lib/rest';
import { createTenantDatabase, TestDirectory } from '../../tenant-database';

const LARGE = 3_000;
const SMALL = 10;
const directory = new TestDirectory();
const manager = new DataSourceManager(async () => ({
  directory,
  verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
  settings: { connectionsPerServer: 1 },
}));
after(() => manager.close());
const database = await createTenantDatabase();
const large = await directory.place(database);
const small = await Promise.all(Array.from({ length: 15 }, () => directory.place(database)));
for (const [tenant, events] of [[large, LARGE] as const, ...small.map((id) => [id, SMALL] as const)]) {
  await database.sql(`
    set session_replication_role = replica;
    set request.jwt.claims = '{"tenant_id": "${tenant}"}';
    insert into accounts (tenant_id, id, name)
      select '${tenant}', md5('account' || i)::uuid, 'Account ' || i from generate_series(1, ${events / 2}) i;
    insert into events (tenant_id, id, event_number, title, account_id, status, start_date)
      select '${tenant}', md5('event' || i)::uuid, i, 'Event ' || i, md5('account' || 1 + i % ${events / 2})::uuid,
        case when i % 10 = 0 then 'tentative' else 'completed' end, date '2020-01-01' + i % 2000
      from generate_series(1, ${events}) i`);
}
await database.sql('create index on events (tenant_id, start_date desc nulls last, id)');
await database.sql('vacuum analyze accounts, events');

const session = new pg.Client({ connectionString: database.adminUrl });
await session.connect();
session.on('error', () => {});
after(() => session.end());
await session.query('set role tenant_service');
const schemaCache = await loadSchemaCache((transaction) => runTransaction(session, transaction), {
  schemas: ['public'],
});
const engine = new Engine(schemaCache, { requestContext: false });

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Plan Rows': number;
  'Actual Rows': number;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
}

/** Every node of the plan of a request, run as the tenant. */
async function planOf(tenantId: string, query: string): Promise<Node[]> {
  const request = { method: 'GET', path: '/events', query, headers: {} };
  const step = engine.plan(engine.read(request, { fixed: { column: 'tenant_id', value: tenantId } }));
  assert.ok(isPlanned(step));
  const { settings, statement } = step.transaction;
  await session.query("select set_config('request.jwt.claims', $1, false)", [
    JSON.stringify({ tenant_id: tenantId }),
  ]);
  const mode = settings.find(([name]) => name === 'plan_cache_mode')?.[1] ?? 'auto';
  await session.query(`set plan_cache_mode = ${mode}; prepare request as ${statement.text}`);
  const values = statement.values.map((value) => pg.escapeLiteral(String(value))).join();
  const { rows } = await session.query(`explain (analyze, buffers, format json) execute request(${values})`);
  await session.query('deallocate request');
  const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)];
  return flat(rows[0]['QUERY PLAN'][0].Plan);
}

const onEvents = (nodes: Node[]) => nodes.filter((node) => node['Relation Name'] === 'events');

test('the planner expects the rows of the tenant, however many others have', async () => {
  for (const [tenant, events] of [
    [large, LARGE],
    [small[0] ?? '', SMALL],
  ] as const) {
    const [scan] = onEvents(await planOf(tenant, 'select=id,accounts(name)&status=eq.completed'));
    const real = events * 0.9;
    assert.equal(scan?.['Actual Rows'], real);
    assert.ok(
      scan['Plan Rows'] > real / 2 && scan['Plan Rows'] < real * 2,
      `${scan['Plan Rows']} of ${real}`,
    );
  }
});

test('a page is joined for its rows alone, at any offset, and the rows before it are read from an index', async () => {
  const query = 'select=id,title,accounts(name)&order=start_date.desc.nullslast,id&limit=50';
  const [first] = await planOf(large, query);
  const buffers = (first?.['Shared Hit Blocks'] ?? 0) + (first?.['Shared Read Blocks'] ?? 0);
  assert.ok(buffers < 250, `${buffers} buffers`);
  // Whether it is chosen depends on VACUUM, which other sessions of the server can hold up.
  await session.query('set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off');
  const deep = await planOf(large, `${query}&offset=${LARGE - 100}`);
  await session.query('reset enable_seqscan; reset enable_bitmapscan; reset enable_sort');
  const read = deep.filter((node) => node['Relation Name'] === 'accounts');
  assert.ok(read.every((node) => node['Actual Loops'] * node['Actual Rows'] <= 50));
  const keys = onEvents(deep).find((node) => node['Node Type'] === 'Index Only Scan');
  assert.equal(keys?.['Actual Rows'], LARGE - 50);
});

test('rows of a large tenant are estimated, those of a small one counted, whatever others have', async () => {
  const counting = createDataEngine({
    schemaCache,
    run: (transaction) => runTransaction(session, transaction),
    settings: { requestContext: false, estimateAbove: 500 },
  });
  const count = async (tenantId: string, query: string) => {
    await session.query("select set_config('request.jwt.claims', $1, false)", [
      JSON.stringify({ tenant_id: tenantId }),
    ]);
    const { headers } = await counting.handle(
      { method: 'HEAD', path: '/events', query, headers: { prefer: 'count=estimated' } },
      { fixed: { column: 'tenant_id', value: tenantId } },
    );
    return Number(new Map(headers).get('Content-Range')?.split('/')[1]);
  };
  const estimated = await count(large, 'select=id');
  assert.ok(estimated > LARGE * 0.8 && estimated < LARGE * 1.2, String(estimated));
  assert.equal(await count(small[0] ?? '', 'select=id'), SMALL);
  assert.equal(await count(large, 'select=id&status=eq.tentative'), LARGE / 10);
});

test('an estimate that is asked of the planner alone counts the tenant’s rows', async () => {
  const client = await manager.getClientForTenant(small[0] ?? '', true);
  const { count } = await client
    .from('events')
    .select('id', { count: 'planned', head: true })
    .like('title', 'Event 3*');
  assert.equal(count, 1);
});

test('what the manager sends names the tenant in each scan', async () => {
  const query = 'select=id,accounts(name)&order=start_date.desc.nullslast,id&limit=5';
  let sent = '';
  // The session reads the schema at times.
  while (!sent.includes('pgrst_source')) {
    const { body } = await manager.answer(
      large,
      { method: 'GET', path: '/events', query, headers: {} },
      { useServiceRole: true },
    );
    assert.equal(JSON.parse(String(body)).length, 5);
    const { rows } = await database.sql(
      "select query from pg_stat_activity where application_name = 'marquee' and datname = current_database()",
    );
    sent = rows[0]?.query ?? '';
  }
  assert.equal(sent.match(/"tenant_id" = \$\d+/g)?.length, 3);
});
