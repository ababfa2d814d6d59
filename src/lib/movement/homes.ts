// The two homes of a move, with the connections that a run of it keeps.
import { connectMover, endQuietly } from './connection';
import type { OpenHome } from './cut-over';
import { parseLsn } from './lsn';
import type { TenantHome } from './ports';

/** Opens the mover's connections to a home. */
export async function openHome(home: TenantHome, moveId: string): Promise<OpenHome> {
  const client = await connectMover({ url: home.url, moveId, copying: true });
  try {
    return { ...home, client, reader: await connectMover({ url: home.url, moveId }) };
  } catch (error) {
    await endQuietly(client);
    throw error;
  }
}

export async function closeHome(home: OpenHome | undefined): Promise<void> {
  await Promise.all([endQuietly(home?.client), endQuietly(home?.reader)]);
}

/** Where a home's write-ahead log stands. */
export async function currentLsn(home: OpenHome): Promise<bigint> {
  const { rows } = await home.client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  return parseLsn(rows[0]?.lsn ?? '0/0');
}
