// A customer leaves: the export of all rows, and the erasure with its certificate.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import Papa from 'papaparse';
import {
  anyTenant,
  createBackup,
  eraseTenant,
  exportTenant,
  findBackup,
  listBackups,
  listErasures,
  placeHold,
  pruneBackups,
  releaseHold,
  removedTenants,
} from '@/lib/backups';
import { withoutGuard } from '@/lib/csv';
import { removeTenant } from '@/lib/data-sources';
import { createBackupWorld } from './world';

const world = await createBackupWorld();
const { dependencies, store, databases, objects, operations, application, directory } = world;
const by = { store, reason: 'manual' as const, requestedBy: 'test' };

test('an export has every row, in CSV and in JSON, and says what the columns mean', async () => {
  const tenantId = await world.tenantWithFiles();
  await databases[0].sql(`insert into accounts (tenant_id, name) values ($1, '=1+1')`, [tenantId]);
  const { rows } = await databases[0].sql(
    'select id, name, email from accounts where tenant_id = $1 order by id',
    [tenantId],
  );
  const request = { tenantId, requestedBy: 'test' };
  const [csv, json] = ['csv', 'json'].map((name) => path.join(directory, 'exports', name)) as [
    string,
    string,
  ];
  const asCsv = await exportTenant(dependencies, { ...request, directory: csv, format: 'csv' });
  const asJson = await exportTenant(dependencies, { ...request, directory: json, format: 'json' });
  assert.deepEqual([asCsv.rows, asCsv.tables], [asJson.rows, asJson.tables]);
  assert.deepEqual([asCsv.files, asCsv.lostFiles], [2, 0]);

  const text = (await readFile(path.join(csv, 'accounts.csv'), 'utf8')).replace(/^\uFEFF/, '');
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  const fromCsv = data.map(({ id, name = '', email }) => ({
    id,
    name: withoutGuard(name),
    email: email || null,
  }));
  assert.deepEqual(
    fromCsv.sort((one, other) => ((one.id ?? '') < (other.id ?? '') ? -1 : 1)),
    rows,
  );
  assert.ok(text.includes("'=1+1"), 'a spreadsheet runs no value as a formula');
  const lines = (await readFile(path.join(json, 'accounts.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const fromJson = lines.map(({ id, name, email }) => ({ id, name, email }));
  assert.deepEqual(
    fromJson.sort((one, other) => (one.id < other.id ? -1 : 1)),
    rows,
  );
  assert.equal(lines[0].tenant_id, undefined);

  const dictionary = JSON.parse(await readFile(path.join(csv, 'dictionary.json'), 'utf8'));
  assert.equal(dictionary.tables.length, (await readdir(csv)).filter((name) => name.endsWith('.csv')).length);
  const accounts = dictionary.tables.find(({ name }: { name: string }) => name === 'accounts');
  assert.equal(accounts.rows, rows.length);
  const id = accounts.columns.find(({ name }: { name: string }) => name === 'id');
  assert.deepEqual([id.type, id.nullable, id.key], ['uuid', false, true]);
  await assert.rejects(exportTenant(dependencies, { ...request, directory: csv, format: 'csv' }), {
    code: 'backup_not_possible',
  });
});

test('an export has the attachments under their names, and a manifest that names every file and what is lost', async () => {
  const tenantId = await world.tenantWithFiles();
  const [[lost = '', content = Buffer.alloc(0)] = []] = [...objects].filter(([key]) =>
    key.startsWith(tenantId),
  );
  const kept = [...objects].filter(([key]) => key.startsWith(tenantId) && key !== lost);
  await databases[0].sql(
    `update attachments set file_name = 'Angebot: "Fest" <1>.pdf' where tenant_id = $1 and storage_key <> $2`,
    [tenantId, lost],
  );
  const to = path.join(directory, 'exports', 'with-files');
  objects.delete(lost);
  const seen: string[] = [];
  const exported = await exportTenant(dependencies, {
    ...{ tenantId, requestedBy: 'test', directory: to, format: 'csv' },
    progress: ({ done, of }) => seen.push(`${done}/${of}`),
  });
  objects.set(lost, content);
  assert.deepEqual([exported.files, exported.lostFiles], [1, 1]);
  assert.equal(seen.at(-1), `${exported.tables + 2}/${exported.tables + 2}`);

  const manifest = JSON.parse(await readFile(path.join(to, 'manifest.json'), 'utf8'));
  assert.equal(manifest.tenant.id, tenantId);
  assert.deepEqual(
    manifest.lostFiles.map(({ name, problem }: Record<string, string>) => [name, problem]),
    [['a.txt', 'missing']],
  );
  const [one] = manifest.files;
  assert.match(one.file, /^files\/attachments\/[0-9a-f-]{36}-Angebot_ _Fest_ _1_\.pdf$/);
  assert.equal(one.name, 'Angebot: "Fest" <1>.pdf');
  const hashOf = async (file: string) =>
    createHash('sha256')
      .update(await readFile(path.join(to, file)))
      .digest('hex');
  assert.deepEqual(await readFile(path.join(to, one.file)), Buffer.from(kept[0]?.[1] ?? []));
  for (const { file, sha256 } of [...manifest.tables, ...manifest.files])
    assert.equal(await hashOf(file), sha256, file);
  const there = (await readdir(to, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const listed = manifest.tables.length + manifest.files.length;
  assert.equal(there.length, listed + ['dictionary.json', 'manifest.json'].length);
});

test('a legal hold refuses to erase and to prune; without it nothing is left, and the certificate counts', async () => {
  const tenantId = await world.tenantWithFiles();
  const stays = await world.tenantWithFiles();
  const key = Buffer.alloc(32, 1);
  for (let round = 0; round < 3; round++) await createBackup(dependencies, { tenantId, ...by });
  await createBackup(dependencies, { tenantId: stays, ...by });
  const retention = { daily: 0, weekly: 0, monthly: 0 };
  await placeHold(dependencies, tenantId, 'case 4711', 'test');
  await assert.rejects(eraseTenant(dependencies, tenantId, key, 'test'), { code: 'backup_held' });
  const held = await pruneBackups(dependencies, tenantId, { retention, requestedBy: 'test' });
  assert.deepEqual([held.held, held.removed.length, held.kept], [true, 0, 3]);
  assert.ok(await releaseHold(dependencies, tenantId, 'test'));
  const [{ id: halfMade } = { id: '' }] = (
    await operations.pool.query<{ id: string }>(
      `insert into backups (id, tenant_id, data_source, store, data_key, reason, requested_by)
       select gen_random_uuid(), tenant_id, data_source, store, data_key, reason, 'gone' from backups where tenant_id = $1 limit 1 returning id`,
      [tenantId],
    )
  ).rows;
  const planned = await pruneBackups(dependencies, tenantId, {
    retention,
    requestedBy: 'test',
    dryRun: true,
  });
  assert.equal((await findBackup(operations.pool, halfMade)).state, 'running', 'a dry run cleans nothing up');
  await operations.pool.query('delete from backups where id = $1', [halfMade]);
  const pruned = await pruneBackups(dependencies, tenantId, { retention, requestedBy: 'test' });
  assert.deepEqual(pruned, planned);
  assert.deepEqual([pruned.removed.length, pruned.kept], [2, 1]);
  assert.equal(new Set((await store.list(tenantId)).map((name) => name.split('/')[1])).size, 1);

  const { certificate, signature } = await eraseTenant(dependencies, tenantId, key, 'test');
  assert.ok(certificate.before.rows > 30);
  assert.deepEqual([certificate.before.files, certificate.before.backups], [2, 1]);
  assert.deepEqual(certificate.after, { rows: 0, files: 0, backupObjects: 0 });
  assert.match(signature, /^hmac-sha256:/);
  assert.equal(await application.tenants.find(tenantId), undefined);
  assert.deepEqual(await store.list(tenantId), []);
  assert.ok(![...objects.keys()].some((name) => name.startsWith(tenantId)));
  const states = (await listBackups(operations.pool, { tenantId })).map(({ state }) => state);
  assert.deepEqual(new Set(states), new Set(['removed']));
  assert.ok(
    (await store.list(stays)).length > 0 && [...objects.keys()].some((name) => name.startsWith(stays)),
  );
});

/** What stands of a tenant outside of the records. */
async function leftOf(tenantId: string) {
  const { rows } = await databases[0].sql('select 1 from accounts where tenant_id = $1', [tenantId]);
  return {
    rows: rows.length,
    files: [...objects.keys()].filter((name) => name.startsWith(tenantId)).length,
    backupObjects: (await store.list(tenantId)).length,
  };
}

test('a tenant that was deleted is erased by its former name: backups, files, and rows that were left', async () => {
  const key = Buffer.alloc(32, 1);
  for (const leaveData of [false, true]) {
    const tenantId = await world.tenantWithFiles();
    const { subdomain } = await application.tenants.get(tenantId);
    const [file = ''] = [...objects.keys()].filter((name) => name.startsWith(tenantId));
    objects.set(`${file}.160.webp`, Buffer.from('thumbnail'));
    for (let round = 0; round < 2; round++) await createBackup(dependencies, { tenantId, ...by });
    await removeTenant({ application, operations }, tenantId, { leaveData });
    assert.deepEqual(
      (await removedTenants(dependencies)).map(({ id, subdomain: name }) => [id, name]),
      [[tenantId, subdomain]],
    );
    await placeHold(dependencies, tenantId, 'case 4712', 'test');
    await assert.rejects(eraseTenant(dependencies, tenantId, key, 'test'), { code: 'backup_held' });
    await releaseHold(dependencies, tenantId, 'test');

    assert.equal((await anyTenant(dependencies, subdomain)).id, tenantId);
    const { certificate } = await eraseTenant(dependencies, tenantId, key, 'test');
    assert.ok(Date.parse(certificate.removedBefore ?? '') > 0);
    assert.deepEqual(certificate.before, { rows: 0, files: 3, backups: 2 });
    assert.deepEqual(certificate.after, { rows: 0, files: 0, backupObjects: 0 });
    assert.deepEqual(certificate.mayRemain, []);
    const [copy] = certificate.copiesRemoved;
    assert.deepEqual(
      [copy?.dataSource, (copy?.rows ?? 0) > 30],
      [leaveData ? databases[0].id : undefined, leaveData],
    );
    assert.deepEqual(await leftOf(tenantId), { rows: 0, files: 0, backupObjects: 0 });
    assert.deepEqual(await removedTenants(dependencies), []);
  }
  await assert.rejects(anyTenant(dependencies, 'never-there'), { code: 'tenant_unknown' });
});

test('an erasure that failed after the tenant was removed is continued, and certifies what there was before', async () => {
  const key = Buffer.alloc(32, 1);
  const tenantId = await world.tenantWithFiles();
  await createBackup(dependencies, { tenantId, ...by });
  const progress = ({ step }: { step: string }) => {
    if (step === 'checking') throw new Error('the process ended');
  };
  await assert.rejects(eraseTenant(dependencies, tenantId, key, 'test', { progress }), /the process ended/);
  assert.equal(await application.tenants.find(tenantId), undefined);
  assert.deepEqual(
    (await removedTenants(dependencies)).map(({ id }) => id),
    [tenantId],
  );
  assert.ok(!(await listErasures(dependencies)).some(({ certificate }) => certificate.tenant === tenantId));
  const { certificate } = await eraseTenant(dependencies, tenantId, key, 'test');
  assert.ok(certificate.before.rows > 30);
  assert.deepEqual([certificate.before.files, certificate.before.backups], [2, 1]);
  assert.deepEqual(certificate.after, { rows: 0, files: 0, backupObjects: 0 });
  assert.deepEqual(await removedTenants(dependencies), []);
  assert.ok((await listErasures(dependencies)).some(({ certificate: one }) => one.tenant === tenantId));
});

test('an erasure whose storage of files cannot be listed is refused, or certifies that files may remain', async () => {
  const key = Buffer.alloc(32, 1);
  const tenantId = await world.tenantWithFiles();
  const { files } = dependencies;
  assert.ok(files);
  const unlisted = { ...dependencies, files: { ...files, list: () => Promise.reject(new Error('refused')) } };
  await assert.rejects(eraseTenant(unlisted, tenantId, key, 'test'), { code: 'backup_not_possible' });
  assert.ok((await leftOf(tenantId)).rows > 0, 'nothing was removed');
  const { certificate } = await eraseTenant(unlisted, tenantId, key, 'test', { leaveUnreachable: true });
  assert.match(String(certificate.mayRemain), /Files/);
});
