// Databases with a tenant to back up, a store in a directory, and a file storage in memory.
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { BackupDependencies } from '@/lib/backups';
import { openStore } from '@/lib/backups';
import { createWorld, type WorldOptions } from '../movement/world';

export type BackupWorld = Awaited<ReturnType<typeof createBackupWorld>>;

export async function createBackupWorld(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-backups-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const objects = new Map<string, Uint8Array>();
  const files: NonNullable<BackupDependencies['files']> = {
    async put(key, content) {
      objects.set(key, content);
    },
    async get(key) {
      const content = objects.get(key);
      if (content) return content;
      throw Object.assign(new Error('missing'), { code: 'file_missing' });
    },
    async remove(key) {
      objects.delete(key);
    },
    async list(tenantId) {
      return [...objects.keys()].filter((key) => key.startsWith(`${tenantId}/`));
    },
  };
  const { application, operations, secretBox } = world;
  const dependencies: BackupDependencies = { application, operations, secretBox, files };
  return {
    ...world,
    directory,
    store: await openStore(directory),
    objects,
    dependencies,
    /** A tenant with rows of every kind of value and two files. */
    async tenantWithFiles(rows = 30, idInDataSource?: string): Promise<string> {
      const [database] = world.databases;
      const id = await world.tenant(database, rows, idInDataSource);
      const there = idInDataSource ?? id;
      for (const text of ['first file', 'x'.repeat(3_000_000)]) {
        const content = Buffer.from(text);
        const sha256 = createHash('sha256').update(content).digest('hex');
        const key = `${id}/${sha256}-${randomUUID()}`;
        objects.set(key, content);
        await database.sql(
          `insert into attachments (tenant_id, entity_type, entity_id, file_name, mime_type, size_bytes, sha256, storage_key, visibility)
           select $1, 'account', id, 'a.txt', 'text/plain', $2, $3, $4, 'internal' from accounts where tenant_id = $1 limit 1`,
          [there, content.length, sha256, key],
        );
      }
      // Values that COPY escapes, and one that is longer than a chunk.
      await database.sql(
        `insert into accounts (tenant_id, name, email) values ($1, E'It''s \\\\ a tab\\t and\\nlines \\u00fc \\\\N', null), ($1, '\\N', 'it''s@example.com')`,
        [there],
      );
      return id;
    },
  };
}
