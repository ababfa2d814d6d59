import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackedUpTable } from '@/lib/backups/format/manifest';
import { mapTables, readChanges } from '@/lib/backups/restore/mapping';
import type { TenantTable } from '@/lib/tenant-data/rows';

const named = (names: string[]) =>
  names.map((name) => ({ name, type: 'text', builtin: true, always: false }));
const backedUp = (name: string, columns: string[], rows = 1): BackedUpTable => {
  const at = { part: 0, offset: 0, chunk: 0 };
  return { name, columns: named(columns), key: ['id'], rows, digest: '', bytes: 0, at, chunks: 0 };
};
const table = (name: string, columns: string[]) =>
  ({ name, columns: named(['tenant_id', ...columns]) }) as TenantTable;

const changes = readChanges([
  {
    path: '0003_rename.sql',
    text: '-- backups: accounts.fax -> accounts.fax_number\n-- backups: booths -> units\nalter table …',
  },
  {
    path: '0002_drop.sql',
    text: 'alter table …;\n-- backups: accounts.telex dropped\n-- backups: telexes dropped\n',
  },
  { path: '0004_again.sql', text: '-- backups: accounts.fax_number -> accounts.facsimile' },
]);
const now = [table('accounts', ['facsimile', 'id', 'new']), table('units', ['id'])];
const columnsOf = (mapped: ReturnType<typeof mapTables>) =>
  mapped.map(({ into }) => `${into.name}: ${into.columns.map(({ name }) => name).join(' ')}`);

test('a backup of an earlier version goes where the migrations since have put its tables and columns', () => {
  const tables = [
    backedUp('accounts', ['fax', 'id', 'telex']),
    backedUp('booths', ['id']),
    backedUp('telexes', ['id']),
  ];
  const mapped = mapTables({ tables, version: 1 }, now, changes);
  assert.deepEqual(columnsOf(mapped), ['accounts: tenant_id facsimile id', 'units: tenant_id id']);
  assert.deepEqual(mapped[0]?.kept, [true, true, false]);
});

test('changes that the backup was made after are not applied to it', () => {
  const mapped = mapTables(
    { tables: [backedUp('accounts', ['fax_number', 'id'])], version: 3 },
    now,
    changes,
  );
  assert.deepEqual(columnsOf(mapped), ['accounts: tenant_id facsimile id']);
});

test('rows without a place are refused by name; empty tables are not', () => {
  const tables = [
    backedUp('accounts', ['id', 'nickname']),
    backedUp('notes', ['id']),
    backedUp('empty', ['id'], 0),
  ];
  assert.throws(
    () => mapTables({ tables, version: 4 }, now, changes),
    (error: { code?: string; message: string }) =>
      error.code === 'backup_schema_differs' && /: accounts\.nickname, notes\.$/.test(error.message),
  );
});
