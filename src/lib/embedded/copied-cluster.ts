// Copies the files of a running server for a standby, as pg_basebackup does: the npm package has no such program.
import { chown, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { unprivilegedUser } from './unprivileged';

/** Made anew by each server; the log comes from the primary. */
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'standby.signal', 'backup_label']);
const EMPTY = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);

/**
 * @param url of the primary's superuser
 * @param from the primary's data directory
 * @param to an empty directory
 */
export async function copyCluster(url: string, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_backup_start('marquee', true)");
    await copyDirectory(from, to);
    const { rows } = await client.query<{ label: string }>(
      'select labelfile as label from pg_backup_stop(false)',
    );
    for (const [name, text] of [
      ['backup_label', rows[0]?.label ?? ''],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(path.join(to, name), text, { mode: 0o600 });
      await own(path.join(to, name));
    }
  } finally {
    await client.end();
  }
}

/** Says which server a standby follows, in a file: a command line could be read by every user of the machine. */
export async function followPrimary(directory: string, url: string): Promise<void> {
  const { port, password } = new URL(url);
  const file = path.join(directory, 'postgresql.auto.conf');
  const others = (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => !line.startsWith('primary_conninfo'));
  const conninfo = `host=127.0.0.1 port=${port} user=postgres password=${decodeURIComponent(password)}`;
  await writeFile(file, [...others, `primary_conninfo = '${conninfo}'`, ''].join('\n'), { mode: 0o600 });
}

async function copyDirectory(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (LEFT_OUT.has(entry.name)) continue;
    if (entry.isDirectory()) {
      await mkdir(target, { mode: 0o700 });
      await own(target);
      if (!EMPTY.has(entry.name)) await copyDirectory(source, target);
    } else if (entry.isFile()) {
      // A table that is dropped meanwhile is dropped by the log as well.
      const copied = await copyFile(source, target).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return false;
          throw error;
        },
      );
      if (copied) await own(target);
    }
  }
}

async function own(file: string): Promise<void> {
  const owner = unprivilegedUser();
  if (owner) await chown(file, owner.uid, owner.gid);
}
