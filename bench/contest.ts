// The contest of the tenant statement: Marquee and its peers over one database, asked for the same rows.
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Contestant } from './measure';
import { beginSet, beginSetText, beginSetUnprepared } from './peers/begin-set';
import { context } from './peers/context';
import { installPeers } from './peers/install';
import { type Peer, STATEMENT } from './peers/peer';
import { raw, rawText } from './peers/raw';

export const CONNECTIONS = 8;
export const ROWS = 20;

/** Peers sign in as a role that row-level security applies to and that may become tenant_service. */
export async function createPeers(adminUrl: string, routerUrl: string): Promise<Peer[]> {
  installPeers();
  // Not before: a package that is missing would end the whole program.
  const [{ drizzle }, { knex }, { prisma }] = await Promise.all([
    import('./peers/drizzle'),
    import('./peers/knex'),
    import('./peers/prisma'),
  ]);
  return [
    await raw(adminUrl, CONNECTIONS),
    await rawText(adminUrl, CONNECTIONS),
    await context(routerUrl, CONNECTIONS),
    await beginSet(routerUrl, CONNECTIONS),
    await beginSetText(routerUrl, CONNECTIONS),
    await beginSetUnprepared(routerUrl, CONNECTIONS),
    await knex(routerUrl, CONNECTIONS),
    await drizzle(routerUrl, CONNECTIONS),
    await prisma(routerUrl, CONNECTIONS),
  ];
}

export function marquee(manager: DataSourceManager): Peer {
  return {
    name: 'marquee',
    rows: (tenantId) =>
      manager.execute(
        tenantId,
        { text: STATEMENT, values: [tenantId], name: 'accounts' },
        { readOnly: true },
      ),
    close: () => manager.close(),
  };
}

export function requestsOf(peer: Peer, tenants: readonly string[]): Contestant {
  let next = 0;
  return {
    name: peer.name,
    request: () => {
      next = (next + 1) % tenants.length;
      return peer.rows(tenants[next] ?? '');
    },
  };
}

/** Every peer answers with the same number of rows, or the comparison means nothing. */
export async function expectRows(peer: Peer, tenants: readonly string[]): Promise<void> {
  for (const tenant of tenants.slice(0, 3)) {
    const rows = await peer.rows(tenant);
    if (rows.length !== ROWS) throw new Error(`${peer.name} answers with ${rows.length} rows.`);
  }
}
