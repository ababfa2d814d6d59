// What protecting secrets and changes costs: decrypting connection strings, beside tenants' statements; and the audit log's hash chain, for
// each change that is recorded.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { createLocalKeyProvider, createSecretBox, withDataKeyCache } from '@/lib/secrets';
import {
  type BenchResult,
  type Contestant,
  median,
  ofRounds,
  QUICK,
  ratios,
  round3,
  throughput,
} from '../measure';
import { STATEMENT } from '../peers/peer';
import {
  addTenants,
  BenchDirectory,
  type BenchServer,
  createDatabase,
  managerOf,
  sql,
  startServer,
} from '../tenants';

export const description = 'Decryption beside a tenant’s statement, and the audit chain for each change';

const TENANTS = 50;
const CONNECTIONS = 8;
const ROWS = 20;
const DECRYPTIONS = QUICK ? 200 : 20_000;
const CHANGES = QUICK ? 50 : 2_000;

export async function run(): Promise<BenchResult> {
  const bench = await startServer();
  try {
    return { ...(await ofDecryption(bench)), ...(await ofChain(bench)) };
  } finally {
    await bench.close();
  }
}

/** Where the directory hands out plain URLs, and where it decrypts them as Marquee's does, with data keys that are cached. */
async function ofDecryption({ server }: BenchServer) {
  const key = randomBytes(32).toString('hex');
  const provider = withDataKeyCache(createLocalKeyProvider(key), { maxUses: DECRYPTIONS });
  const box = createSecretBox({ provider, fingerprintKey: key });
  const database = await createDatabase(server);
  const tenants = await addTenants(database, TENANTS, ROWS);
  const plain = new BenchDirectory();
  plain.place(tenants, database);
  const place = (owner: string) => ({ owner, column: 'data_source_url' });
  const envelopes = new Map<string, string>();
  for (const id of tenants) envelopes.set(id, await box.encrypt(database.routerUrl, place(id)));
  let decryptions = 0;
  const decrypting = new BenchDirectory();
  decrypting.place(tenants, database);
  const credentials = decrypting.credentials.bind(decrypting);
  decrypting.credentials = async (id) => {
    const found = await credentials(id);
    decryptions += 1;
    return found && { ...found, url: await box.decrypt(envelopes.get(id) ?? '', place(id)) };
  };
  const managers = [plain, decrypting].map((directory) =>
    managerOf(directory, { connectionsPerServer: CONNECTIONS }),
  );
  let statements = 0;
  const contestants = managers.map((manager, index): Contestant => {
    let next = 0;
    return {
      name: index ? 'encrypted' : 'plain',
      request() {
        if (index) statements += 1;
        next = (next + 1) % TENANTS;
        const statement = { text: STATEMENT, values: [tenants[next]], name: 'accounts' };
        return manager.execute(tenants[next] ?? '', statement, { readOnly: true });
      },
    };
  });
  const measured = await throughput(contestants, { callers: CONNECTIONS, rounds: 15 });
  const [tenant = ''] = tenants;
  const envelope = envelopes.get(tenant) ?? '';
  const began = performance.now();
  for (let count = 0; count < DECRYPTIONS; count += 1) await box.decrypt(envelope, place(tenant));
  const decryptMs = (performance.now() - began) / DECRYPTIONS;
  for (const manager of managers) await manager.close();
  const perSecond = measured.get('encrypted')?.perSecond ?? Number.NaN;
  return {
    ...ofRounds({ encrypted_vs_plain: ratios(measured.get('encrypted'), measured.get('plain')) }),
    statements,
    decryptions,
    decrypt_us: round3(decryptMs * 1000),
    /** Of the statements' time, as if each decryption were on its way. */
    decrypt_share: ((decryptions / statements) * decryptMs * perSecond) / 1000,
    /** The same if each statement decrypted once. */
    decrypt_share_if_each: round3((decryptMs * perSecond) / 1000),
  };
}

/** Records with the chain, and rows of the same content in a table without it, one transaction each, in turns. */
async function ofChain({ server }: BenchServer) {
  await sql(server.url(), 'create database application');
  const url = server.url('application');
  await migrateApplicationDatabase(url);
  await sql(
    url,
    `create table plain (like audit_log including indexes);
     alter table plain alter id add generated always as identity, alter leaf_hash drop not null, alter chain_hash drop not null`,
  );
  const key = randomBytes(32).toString('hex');
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const application = openApplicationDatabase({ url, secretBox });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const insert = (table: string) =>
      timed(() =>
        client.query(
          `insert into ${table} (occurred_at, actor, action, entity, entity_id, before, after)
           values (now(), 'user:1', 'tenants.update', 'tenants', '1', '{"name": "Before"}', '{"name": "After"}')`,
        ),
      );
    const times = { chained: [] as number[], plain: [] as number[] };
    for (let count = 0; count < CHANGES; count += 1) {
      times.chained.push(await insert('audit_log'));
      times.plain.push(await insert('plain'));
    }
    const { id } = await application.tenants.create({ name: 'T', subdomain: 'tenant' });
    const changes: number[] = [];
    for (let count = 0; count < CHANGES / 4; count += 1)
      changes.push(await timed(() => application.tenants.update(id, { name: `T ${count}` })));
    return {
      chain_ms: round3(median(times.chained) - median(times.plain)),
      record_ms: round3(median(times.chained)),
      audited_change_ms: round3(median(changes)),
    };
  } finally {
    await client.end();
    await application.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
