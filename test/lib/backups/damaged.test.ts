// Backups that were changed, cut off, exchanged or whose key is lost; and two operators at once.
import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  adoptBackups,
  type Backup,
  BackupError,
  backupStates,
  cleanUp,
  createBackup,
  drillBackup,
  findBackup,
  listBackups,
  openStore,
  restoreInPlace,
  storeKeys,
  verifyBackup,
} from '@/lib/backups';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { createBackupWorld } from './world';

const world = await createBackupWorld();
const { dependencies, store, databases, operations, directory, keys } = world;
const by = { store, reason: 'manual' as const, requestedBy: 'test' };
const tenantId = await world.tenantWithFiles();
const sound = await createBackup(dependencies, { tenantId, ...by });
const fileOf = ({ id }: Backup, name: string) => path.join(directory, tenantId, id, name);

/** Spoils files of a backup, says what verify says, and puts the files back. */
async function codeOf(
  backup: Backup,
  name: string,
  spoil: (bytes: Buffer) => Buffer | undefined,
): Promise<string> {
  const file = fileOf(backup, name);
  const before = await readFile(file);
  const spoiled = spoil(Buffer.from(before));
  if (spoiled) await writeFile(file, spoiled);
  else await rm(file);
  try {
    await verifyBackup(dependencies, backup);
    return 'sound';
  } catch (error) {
    return (error as BackupError).code;
  } finally {
    await writeFile(file, before);
  }
}

test('every change of a part or of the manifest is noticed', async () => {
  const part = 'part-000000';
  const { length } = await readFile(fileOf(sound, part));
  for (const at of [0, 3, 4, 100, Math.floor(length / 2), length - 20, length - 1]) {
    const flip = (bytes: Buffer) => {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    };
    assert.equal(await codeOf(sound, part, flip), 'backup_corrupt', `byte ${at}`);
  }
  assert.equal(await codeOf(sound, part, (bytes) => bytes.subarray(0, -1)), 'backup_corrupt', 'cut off');
  assert.equal(
    await codeOf(sound, part, (bytes) => bytes.subarray(0, bytes.length / 2)),
    'backup_corrupt',
    'half',
  );
  assert.equal(await codeOf(sound, part, () => Buffer.alloc(0)), 'backup_corrupt', 'empty');
  assert.equal(await codeOf(sound, part, () => undefined), 'backup_corrupt', 'missing');
  const manifest = 'manifest.json';
  const edit = (from: string | RegExp, to: string) => (bytes: Buffer) =>
    Buffer.from(bytes.toString().replace(from, to));
  assert.equal(await codeOf(sound, manifest, edit(/"rows":\d+/, '"rows":0')), 'backup_corrupt');
  assert.equal(await codeOf(sound, manifest, edit('{', '')), 'backup_corrupt');
  assert.equal(await codeOf(sound, manifest, () => undefined), 'backup_corrupt');
  assert.equal(
    await codeOf(sound, manifest, edit('marquee-backup/1', 'marquee-backup/9')),
    'backup_format_unknown',
  );
  assert.equal(await codeOf(sound, part, (bytes) => bytes), 'sound');
});

test('parts of another backup, and a backup of another tenant, are refused', async () => {
  const other = await createBackup(dependencies, { tenantId, ...by });
  const [mine, theirs] = await Promise.all(
    [sound, other].map((backup) => readFile(fileOf(backup, 'part-000000'))),
  );
  assert.equal(await codeOf(sound, 'part-000000', () => theirs), 'backup_corrupt');
  assert.notDeepEqual(mine, theirs);
  const manifest = await readFile(fileOf(other, 'manifest.json'));
  assert.equal(await codeOf(sound, 'manifest.json', () => manifest), 'backup_foreign');
  const stranger = await createBackup(dependencies, { tenantId: await world.tenantWithFiles(), ...by });
  const drilled = drillBackup(dependencies, { tenantId, backup: stranger, requestedBy: 'test' });
  await assert.rejects(drilled, { code: 'backup_foreign' });
  const foreign = await readFile(path.join(directory, stranger.tenantId, stranger.id, 'manifest.json'));
  assert.equal(await codeOf(sound, 'manifest.json', () => foreign), 'backup_foreign');
});

test('a lost key is said to be lost, and another installation cannot open a backup', async () => {
  const key = '11'.repeat(32);
  const strange = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  await assert.rejects(verifyBackup({ ...dependencies, secretBox: strange }, sound), {
    code: 'backup_key_lost',
  });
});

test('a damaged backup is not restored: the tenant has what it had', async () => {
  const file = fileOf(sound, 'part-000000');
  const bytes = await readFile(file);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await rename(file, `${file}.sound`);
  await writeFile(file, bytes);
  const count = async () =>
    (await databases[0].sql('select count(*) from accounts where tenant_id = $1', [tenantId])).rows[0].count;
  const before = await count();
  await assert.rejects(restoreInPlace(dependencies, { backup: sound, requestedBy: 'test' }), {
    code: 'backup_corrupt',
  });
  assert.equal(await count(), before);
  await world.manager.execute(tenantId, { text: 'select 1 from accounts', values: [] });
  const drill = await drillBackup(dependencies, { tenantId, backup: sound, requestedBy: 'test' });
  assert.deepEqual([drill.state, drill.error?.code], ['failed', 'backup_corrupt']);
  const [record] = await world.application.audit.list({ tenantId, action: 'backups.drill_failed' });
  assert.equal(record?.entityId, sound.id, 'the alert rule backup-drill-failed reads this');
  assert.equal(
    (await backupStates(operations.pool, [tenantId])).get(tenantId)?.lastFailure?.code,
    'backup_corrupt',
  );
  await rename(`${file}.sound`, file);
  await verifyBackup(dependencies, sound);
});

test('of two operators the second is told what the first does', async () => {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  const first = createBackup(
    {
      ...dependencies,
      async hooks(point) {
        if (point !== 'before_manifest') return;
        reach();
        await go;
      },
    },
    { tenantId, ...by, requestedBy: 'ann' },
  );
  await reached;
  for (const second of [
    () => createBackup(dependencies, { tenantId, ...by }),
    () => restoreInPlace(dependencies, { backup: sound, requestedBy: 'bob' }),
    () => drillBackup(dependencies, { tenantId, requestedBy: 'bob' }),
  ]) {
    await assert.rejects(
      second(),
      (error: BackupError) => error.code === 'backup_busy' && /^ann began a backup/.test(error.message),
    );
  }
  release();
  assert.equal((await first).state, 'complete');
});

test('a store that is full or not there leaves nothing, and the next backup works', async () => {
  for (const code of ['backup_store_full', 'backup_store_unreachable'] as const) {
    const failing = {
      ...store,
      put: (key: string, bytes: Buffer) =>
        key.endsWith('manifest.json') ? Promise.reject(new BackupError(code, 'no')) : store.put(key, bytes),
    };
    const before = await store.list(tenantId);
    await assert.rejects(createBackup(dependencies, { tenantId, ...by, store: failing }), { code });
    assert.deepEqual(await store.list(tenantId), before);
  }
  const before = await store.list(tenantId);
  const away = {
    ...store,
    put: (key: string, bytes: Buffer) =>
      key.endsWith('manifest.json')
        ? Promise.reject(new BackupError('backup_store_full', 'no'))
        : store.put(key, bytes),
    removeAll: () => Promise.reject(new BackupError('backup_store_unreachable', 'no')),
  };
  await assert.rejects(createBackup(dependencies, { tenantId, ...by, store: away }), {
    code: 'backup_store_full',
  });
  assert.notDeepEqual(await store.list(tenantId), before);
  assert.deepEqual(await cleanUp(dependencies), []);
  assert.deepEqual(await store.list(tenantId), before, 'its parts are removed when the store is there again');
  const [newest] = await listBackups(operations.pool, { tenantId });
  assert.deepEqual([newest?.state, newest?.error?.code], ['failed', 'backup_store_full']);
  assert.equal((await createBackup(dependencies, { tenantId, ...by })).state, 'complete');
});

test('backups are found again where the operations database was lost, also after the keys were replaced', async () => {
  const next = '22'.repeat(32);
  const renewed = createSecretBox({
    provider: createLocalKeyProvider(next, [keys.operationsKey]),
    fingerprintKey: keys.operationsKey,
  });
  const place = { owner: `${tenantId}/${sound.id}`, column: 'backups.data_key' };
  const known = await operations.pool.query('select data_key from backups where id = $1', [sound.id]);
  const rewrapped = await renewed.rewrap(known.rows[0].data_key, place);
  await operations.pool.query('update backups set data_key = $2 where id = $1', [sound.id, rewrapped]);
  const gone = await createBackup(dependencies, { tenantId, ...by });
  await operations.pool.query(
    `update backups set stored_key = 'former', store = 'file:///dev/null/gone', started_at = '-infinity' where id = $1`,
    [gone.id],
  );
  const { stored, problems } = await storeKeys(dependencies);
  assert.equal(stored, 1, 'a store that is gone keeps no other from its keys');
  assert.match(problems.join(), new RegExp(`key of backup ${gone.id} is not stored`));
  await operations.pool.query(
    `insert into backups (tenant_id, data_source, state, reason, store, data_key, requested_by, manifest, as_of, stored_key)
     select tenant_id, data_source, state, reason, store, data_key, 'again', manifest, as_of, stored_key from backups, generate_series(1, 4) where id = $1`,
    [gone.id],
  );
  const away = await storeKeys(dependencies);
  assert.deepEqual([away.stored, away.problems.length], [0, 1], 'a store that is away is tried once');
  assert.match(away.problems.join(), /those of 4 others/);
  await operations.pool.query(`delete from backups where id = $1 or requested_by = 'again'`, [gone.id]);
  await store.removeAll(`${tenantId}/${gone.id}`);
  assert.deepEqual(await storeKeys(dependencies), { stored: 0, problems: [] });
  await operations.pool.query('delete from drills where tenant_id = $1', [tenantId]);
  await operations.pool.query('delete from restores where tenant_id = $1', [tenantId]);
  await operations.pool.query('delete from backups where id = $1', [sound.id]);
  const withNext = createSecretBox({
    provider: createLocalKeyProvider(next),
    fingerprintKey: keys.operationsKey,
  });
  const found = await adoptBackups({ ...dependencies, secretBox: withNext }, store, 'test');
  assert.deepEqual([found.adopted, found.refused], [[sound.id], []]);
  await verifyBackup({ ...dependencies, secretBox: renewed }, await findBackup(operations.pool, sound.id));
});

test('a backup that would leave the region of its tenant is refused', async () => {
  const bound = await world.tenantWithFiles();
  await world.application.tenants.update(bound, { requiredRegion: 'eu' });
  await assert.rejects(createBackup(dependencies, { tenantId: bound, ...by }), {
    code: 'region_refused',
  });
  assert.deepEqual(await store.list(bound), []);
  const inRegion = await openStore(`${store.url}?region=eu`);
  assert.equal(
    (await createBackup(dependencies, { tenantId: bound, ...by, store: inRegion })).state,
    'complete',
  );
});
