// Backups of one tenant: how fast its rows are read against plain COPY, how long a drill takes, and whether acknowledged writes are in them.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import {
  type BackupDependencies,
  createBackup,
  drillBackup,
  findBackup,
  openBackup,
  openStore,
  restoreInPlace,
} from '@/lib/backups';
import { type BenchResult, median, ofRounds, QUICK, round3 } from '../measure';
import { fillTenant, type MoveStage, openMoveStage } from '../move-stage';
import { sql } from '../tenants';

export const description =
  'Backups: --rows N (500,000) backed up against COPY to a file; a drill of 100,000 rows; writes during backups and a restore';

const ROUNDS = QUICK ? 1 : 5;
const DRILL_ROWS = QUICK ? 1_000 : 100_000;
/** Backups under writes. */
const LOST_ROUNDS = QUICK ? 1 : 10;

function given(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

export async function run(): Promise<BenchResult> {
  const rows = given('rows', QUICK ? 1_000 : 500_000);
  const stage = await openMoveStage();
  try {
    const { application, operations, secretBox } = stage;
    const backups: BackupDependencies = { application, operations, secretBox };
    const { rounds, ...speed } = await measureSpeed(stage, backups, rows);
    return {
      ...{ rows, ...speed },
      ...ofRounds({ vs_copy: rounds }),
      ...(await measureDrill(stage, backups)),
      ...(await measureLost(stage, backups)),
    };
  } finally {
    await stage.close();
  }
}

/** The same rows, in turns: by COPY of a superuser to a file, and by a backup, which compresses, encrypts and digests them. */
async function measureSpeed(stage: MoveStage, backups: BackupDependencies, rows: number) {
  const [{ adminUrl }] = stage.databases;
  const tenantId = await stage.tenant();
  await fillTenant(adminUrl, tenantId, rows);
  const store = await openStore(path.join(stage.directory, 'store'));
  const plain: number[] = [];
  const backup: number[] = [];
  let stored = 0;
  let bytes = 0;
  for (let round = -1; round < ROUNDS; round++) {
    const began = performance.now();
    await plainCopy(adminUrl, tenantId, path.join(stage.directory, 'plain'));
    const copied = performance.now();
    const made = await createBackup(backups, { tenantId, store, reason: 'manual', requestedBy: 'bench' });
    const ended = performance.now();
    stored = made.storedBytes ?? 0;
    bytes = (await openBackup(backups, made)).manifest.bytes;
    if (round < 0) continue;
    plain.push(copied - began);
    backup.push(ended - copied);
  }
  const backupMs = median(backup);
  return {
    rounds: plain.map((ms, round) => ms / (backup[round] ?? 1)),
    rows_per_second: Math.round((rows * 1000) / backupMs),
    mb_per_second: round3(bytes / 1000 / backupMs),
    compressed_to: round3(stored / bytes),
  };
}

async function plainCopy(url: string, tenant: string, file: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const table of ['accounts', 'communications']) {
    const rows = client.query(
      copyTo(`copy (select * from ${table} where tenant_id = '${tenant}') to stdout`),
    );
    await pipeline(rows, createWriteStream(file));
  }
  await client.end();
}

async function measureDrill(stage: MoveStage, backups: BackupDependencies) {
  const [source, scratch] = stage.databases;
  const tenantId = await stage.tenant();
  await fillTenant(source.adminUrl, tenantId, DRILL_ROWS);
  const store = await openStore(path.join(stage.directory, 'store'));
  await createBackup(backups, { tenantId, store, reason: 'manual', requestedBy: 'bench' });
  const began = performance.now();
  const { state, error } = await drillBackup(backups, {
    tenantId,
    dataSource: scratch.id,
    requestedBy: 'bench',
  });
  if (state !== 'passed') throw new Error(`The drill failed: ${error?.message}`);
  return { drill_100k_s: round3((performance.now() - began) / 1000) };
}

/** Writes that were acknowledged before a backup began must be in it; those before a restore, in its safety backup or in the database. */
async function measureLost(stage: MoveStage, backups: BackupDependencies) {
  const [{ adminUrl }] = stage.databases;
  const tenantId = await stage.tenant();
  const store = await openStore(path.join(stage.directory, 'store'));
  const acknowledged: string[] = [];
  const writing = new AbortController();
  const writer = (async () => {
    while (!writing.signal.aborted) {
      const id = randomUUID();
      const insert = { text: `insert into accounts (id, name) values ($1, 'written')`, values: [id] };
      await stage.manager.execute(tenantId, insert).then(
        () => acknowledged.push(id),
        () => {},
      );
    }
  })();
  const idsIn = async (id: string) => {
    const open = await openBackup(backups, await findBackup(backups.operations.pool, id));
    const table = open.manifest.tables.find(({ name }) => name === 'accounts');
    const place = table?.columns.findIndex(({ name }) => name === 'id') ?? 0;
    const found = new Set<string>();
    if (!table) return found;
    for await (const block of open.rows(table))
      for (const line of block.toString().split('\n')) found.add(line.split('\t')[place] ?? '');
    return found;
  };
  let lost = 0;
  const create = () => createBackup(backups, { tenantId, store, reason: 'manual', requestedBy: 'bench' });
  for (let round = 0; round < LOST_ROUNDS; round++) {
    const before = [...acknowledged];
    const found = await idsIn((await create()).id);
    lost += before.filter((id) => !found.has(id)).length;
  }
  const backup = await create();
  const { safetyBackup } = await restoreInPlace(backups, { backup, requestedBy: 'bench' });
  writing.abort();
  await writer;
  const found = await idsIn(safetyBackup ?? '');
  const there = await sql(adminUrl, `select id::text from accounts where tenant_id = '${tenantId}'`);
  for (const { id } of there.rows) found.add(id);
  lost += acknowledged.filter((id) => !found.has(id)).length;
  return { acknowledged: acknowledged.length, lost };
}
