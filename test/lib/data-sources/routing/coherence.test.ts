// Two processes that know a route; it changes while one of them is stopped by SIGSTOP. What the stopped one does when
// it goes on, still believing the old route, must land in the new place and nowhere else.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { administer, createTestDatabase } from '../../../support/postgres';
import { createInstallation, moveEmptyTenant } from '../installation';

const processes: ChildProcess[] = [];
after(() => {
  for (const running of processes) {
    running.kill('SIGCONT');
    running.kill('SIGKILL');
  }
});
const installation = await createInstallation();
const [oldUrl, newUrl] = [
  await createTestDatabase('old', 'tenant_data'),
  await createTestDatabase('new', 'tenant_data'),
];
await provisionDataSource(installation.operations, { name: 'old', kind: 'shared', adminUrl: oldUrl });
await provisionDataSource(installation.operations, { name: 'new', kind: 'shared', adminUrl: newUrl });

interface RouterProcess {
  child: ChildProcess;
  write(tenantId: string, name: string): Promise<{ status: number; error: unknown; epoch: string }>;
}

function startRouter(): RouterProcess {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/lib/data-sources/routing/router.program.ts'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        APPLICATION_DATABASE_URL: installation.applicationUrl,
        OPERATIONS_DATABASE_URL: installation.operationsUrl,
        ENCRYPTION_KEY: installation.key,
      },
    },
  );
  processes.push(child);
  const lines = createInterface({ input: child.stdout });
  return {
    child,
    async write(tenantId, name) {
      child.stdin.write(`${JSON.stringify({ tenantId, name })}\n`);
      const [line] = await once(lines, 'line');
      return JSON.parse(line);
    },
  };
}

const namesIn = async (url: string) =>
  (await administer(url, 'select name from accounts order by name')).rows.map(({ name }) => name);

test('a process that was stopped while a tenant moved cannot write to the old place', async () => {
  const { id } = await provisionTenant(installation, { name: 'T', subdomain: 'moving', dataSource: 'old' });
  const [awake, stopped] = [startRouter(), startRouter()];
  assert.equal((await awake.write(id, '1 awake, before')).status, 201);
  const second = await stopped.write(id, '2 stopped, before');
  assert.equal(second.status, 201, JSON.stringify(second));

  stopped.child.kill('SIGSTOP');
  await moveEmptyTenant(installation, id, 'new');
  assert.equal((await awake.write(id, '3 awake, after')).status, 201);
  const late = stopped.write(id, '4 stopped, after');
  await new Promise((resolve) => setTimeout(resolve, 300));
  stopped.child.kill('SIGCONT');

  const { status, error, epoch } = await late;
  assert.equal(status, 201, JSON.stringify(error));
  assert.equal(epoch, '2');
  assert.deepEqual(await namesIn(oldUrl), ['1 awake, before', '2 stopped, before']);
  assert.deepEqual(await namesIn(newUrl), ['3 awake, after', '4 stopped, after']);
});
