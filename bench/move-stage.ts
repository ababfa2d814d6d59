// Two servers to move tenants between, with everything a move needs.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { directoryOf, provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { type EmbeddedServer, startEmbeddedServer } from '@/lib/embedded';
import {
  MovementError,
  type MoveOptions,
  MoveStore,
  moveDependencies,
  runMove,
  startMove,
} from '@/lib/movement';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { sql } from './tenants';

export type MoveStage = Awaited<ReturnType<typeof openMoveStage>>;

/**
 * Two servers with a tenant data database each; application and operations beside the first. A
 * signal that ends this process ends the servers and removes their files first.
 */
export async function openMoveStage() {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-bench-move-'));
  const start = (name: string) =>
    startEmbeddedServer({
      dataDirectory: path.join(directory, name),
      durable: false,
      settings: { shared_buffers: '256MB', max_wal_size: '8GB' },
    });
  const servers: EmbeddedServer[] = [];
  const endServers = async () => {
    await Promise.all(servers.map((server) => server.kill('SIGQUIT')));
    await rm(directory, { recursive: true, force: true });
  };
  const leave = endOnSignal(endServers);
  for (const name of ['a', 'b']) servers.push(await start(name));
  const create = async (server: EmbeddedServer | undefined, database: string) => {
    if (!server) throw new Error('The servers have not been started.');
    await sql(server.url(), `create database ${database}`);
    return server.url(database);
  };
  const [applicationUrl, operationsUrl] = [
    await create(servers[0], 'application'),
    await create(servers[0], 'operations'),
  ];
  await migrateApplicationDatabase(applicationUrl);
  await migrateOperationsDatabase(operationsUrl);
  const key = randomBytes(32).toString('hex');
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const application = openApplicationDatabase({ url: applicationUrl, secretBox });
  const operations = openOperationsDatabase({ url: operationsUrl, secretBox });
  const databases: { id: string; adminUrl: string }[] = [];
  for (const [place, server] of servers.entries()) {
    const adminUrl = await create(server, 'tenants');
    const { dataSource } = await provisionDataSource(operations, {
      name: `database-${place}`,
      kind: 'shared',
      adminUrl,
    });
    databases.push({ id: dataSource.id, adminUrl });
  }
  const manager = new DataSourceManager(async () => ({
    directory: directoryOf(application),
    verifyAccessToken: () => Promise.reject(new Error('no users here')),
  }));
  let hook: (point: string) => void = () => {};
  let givenUp = 0;
  const dependencies = moveDependencies({
    ...{ application, operations },
    hooks: (point) => hook(point),
  });
  const tenant = async (database = databases[0]) => {
    const { id } = await provisionTenant(
      { application, operations },
      { name: 'Bench', subdomain: `b${randomBytes(6).toString('hex')}`, dataSource: database?.id ?? '' },
    );
    return id;
  };
  const move = async (tenantId: string, to: { id: string }, options: MoveOptions) => {
    const { id } = await startMove(dependencies, {
      tenantId,
      toSource: to.id,
      options: { autoCutOver: true, autoComplete: true, ...options },
      requestedBy: 'bench',
    });
    const store = new MoveStore(operations.pool);
    for (;;) {
      try {
        await runMove(dependencies, id);
        return await store.get(id);
      } catch (error) {
        // Given up within its limit: the tenant went on where it was, and the operator would cut over again.
        if (!(error instanceof MovementError && error.code === 'move_pause_limit')) throw error;
        givenUp += 1;
        await store.want(id, 'run');
      }
    }
  };
  return {
    databases: databases as [{ id: string; adminUrl: string }, { id: string; adminUrl: string }],
    ...{ application, operations, secretBox, directory },
    manager,
    tenant,
    move,
    /** Cut-overs that were not ready within the pause limit, and were made later. */
    givenUp: () => givenUp,
    onPoint: (listener: typeof hook) => {
      hook = listener;
    },
    async close() {
      await manager.close();
      await Promise.all([application.close(), operations.close()]);
      await endServers();
      leave();
    },
  };
}

/** What fails after its servers have gone is no news. */
function endOnSignal(end: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    process.on('uncaughtException', () => {});
    process.on('unhandledRejection', () => {});
    void end().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

/** Clients, and 19 mails with each; without the triggers, which nothing here is about. */
export async function fillTenant(url: string, tenant: string, rows: number): Promise<void> {
  const clients = Math.ceil(rows / 20);
  const one = pg.escapeLiteral(tenant);
  await sql(
    url,
    `set session_replication_role = replica;
     insert into accounts (tenant_id, name, email, phone, website, industry)
     select ${one}, 'Account ' || n, 'contact' || n || '@example.com', '+1 555 ' || n, 'https://example.com/' || n, 'Weddings' from generate_series(1, ${clients}) n;
     insert into communications (tenant_id, type, direction, status, subject, body, occurred_at, account_id, to_address)
     select ${one}, 'email', 'outbound', 'sent', 'Your event ' || n, repeat('About the photo booth. ', 8), now() - n * interval '1 minute', a.id, a.email
     from (select id, email, row_number() over () as place from accounts where tenant_id = ${one}) a
     join generate_series(1, ${rows - clients}) n on a.place = n % ${clients} + 1`,
  );
  await sql(url, 'vacuum (analyze, freeze) accounts, communications');
}
