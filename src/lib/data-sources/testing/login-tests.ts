import type { OperationsDatabase } from '@/lib/operations';
import type { UrlRules } from '../provisioning/given-url';
import { type NewDataSource, rulesOf } from '../provisioning/new-data-source';
import type { ConnectionTarget, ConnectionTestOptions, ConnectionTestResult, Purpose } from './check';
import { testConnection } from './connection-test';

/** Of one login of a data source: what it is for, and what was found. */
export interface LoginTest extends ConnectionTestResult {
  purpose: Purpose;
}

/**
 * Tries each login that the registry keeps for a data source; the first is the one that serves tenants.
 *
 * @param name id or name
 * @throws OperationsError `data_source_unknown`
 */
export async function testDataSource(
  { dataSources }: Pick<OperationsDatabase, 'dataSources'>,
  name: string,
): Promise<LoginTest[]> {
  const { id, engine } = await dataSources.get(name);
  const { routerUrl, moverUrl, adminUrl, anonKey, serviceKey } = await dataSources.credentials(id);
  const targets: [Purpose, ConnectionTarget][] = [];
  if (engine === 'supabase') {
    targets.push([
      'router',
      { kind: 'supabase', url: routerUrl ?? '', serviceKey: serviceKey ?? '', anonKey },
    ]);
  } else {
    targets.push(['router', { kind: 'postgres', url: routerUrl ?? '' }]);
    if (moverUrl) targets.push(['mover', { kind: 'postgres', url: moverUrl, purpose: 'mover' }]);
  }
  if (adminUrl)
    targets.push(['administrator', { kind: 'postgres', url: adminUrl, purpose: 'administrator' }]);
  return Promise.all(
    targets.map(async ([purpose, target]) => ({ purpose, ...(await testConnection(target)) })),
  );
}

/** A database that is not added: the URL that it would be added with, and the keys of a project. */
export type UntriedSource = UrlRules & { url: string } & (
    | { kind: Exclude<NewDataSource['kind'], 'supabase'> }
    | { kind: 'supabase'; serviceKey: string; anonKey?: string | undefined }
  );

/** Tries a database before it is added, with the rules that adding would apply. */
export async function testNewDataSource(
  source: UntriedSource,
  options: ConnectionTestOptions = {},
): Promise<LoginTest> {
  const { url } = source;
  const given = rulesOf(source);
  if (source.kind === 'supabase') {
    const { kind, serviceKey, anonKey } = source;
    const target = { kind, url, serviceKey, anonKey, given };
    return { purpose: 'router', ...(await testConnection(target, options)) };
  }
  const purpose = 'administrator';
  const isCustomers = source.kind === 'byod';
  const target = { kind: 'postgres', url, purpose, isCustomers, given } as const;
  return { purpose, ...(await testConnection(target, options)) };
}
