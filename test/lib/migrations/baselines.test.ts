// An older database that was migrated is like a new one. `baselines/` holds what made databases of version 1.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  migrate,
  newestVersion,
  readCatalog,
  readSqlFiles,
  type SchemaFiles,
  schemaScript,
} from '@/lib/migrations';
import { createTestDatabase } from '../../support/postgres';
import { connect } from '../tenant-data/tenant-database';

const LIB = path.resolve(import.meta.dirname, '../../../src/lib');
const ROOMS = { application: 'marquee', operations: 'marquee', 'tenant-data': 'tenancy' };

async function filesOf(room: string): Promise<SchemaFiles> {
  const [schema = [], functions = [], migrations = []] = await Promise.all(
    ['schema', 'functions', 'migrations'].map((folder) => readSqlFiles(path.join(LIB, room), folder)),
  );
  return { schema, functions, migrations };
}

for (const [room, recordSchema] of Object.entries(ROOMS)) {
  test(`${room}: a database of version 1, migrated, is like a new one`, async () => {
    const files = await filesOf(room);
    const baseline = path.join(import.meta.dirname, 'baselines', `${room}.sql.gz`);
    // Before the first release, and where no migration is written yet: afterwards version 1 is what it is.
    if (process.env.UPDATE_BASELINES && newestVersion(files) === 1) {
      await writeFile(baseline, gzipSync(schemaScript(files, recordSchema), { level: 9 }));
    }
    const [old, made] = await Promise.all([
      connect(await createTestDatabase('baseline')),
      connect(await createTestDatabase('baseline')),
    ]);
    try {
      await old.query(`begin; ${gunzipSync(await readFile(baseline))} commit`);
      // As a schema rollout does it: functions must not need what comes with the contract phase.
      await migrate(old, files, recordSchema, { phase: 'expand' });
      await migrate(old, files, recordSchema);
      await migrate(made, files, recordSchema);
      const [migrated, fresh] = await Promise.all(
        [old, made].map((client) => readCatalog(client, ['public', recordSchema])),
      );
      assert.deepEqual(
        {
          onlyMigrated: migrated?.filter((line) => !fresh?.includes(line)),
          onlyNew: fresh?.filter((line) => !migrated?.includes(line)),
        },
        { onlyMigrated: [], onlyNew: [] },
        'schema/ and migrations/ must say the same: see “The schema” in CONTRIBUTING.md',
      );
    } finally {
      await Promise.all([old.end(), made.end()]);
    }
  });
}
