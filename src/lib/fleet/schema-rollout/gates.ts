// What must be true of a database after it was migrated, before the next wave begins.
import pg from 'pg';
import type { ApplicationDatabase } from '@/lib/application';
import { withAdministrator, withLogin } from '@/lib/data-sources';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { inTenant } from '@/lib/tenant-data';
import { isHarmful } from './differences';
import { compareSchema } from './drift';
import { problemOf } from './plan';
import type { FailedGate } from './store';

/**
 * It has no index that is not valid, is like the first database of its version, and a tenant can read every table.
 *
 * @returns what has failed, or undefined
 */
export async function checkSource(
  databases: { operations: OperationsDatabase; application: ApplicationDatabase },
  source: DataSource,
  { allowDrift }: { allowDrift: boolean },
): Promise<FailedGate | undefined> {
  const { name } = source;
  const fails = (gate: FailedGate['gate'], problem: { code: string; message: string }): FailedGate => ({
    ...{ gate, source: name },
    ...problem,
  });
  try {
    const failed = await withAdministrator(databases.operations, source, async (admin) => {
      const invalid = await invalidIndexes(admin);
      if (invalid.length > 0) {
        const message = `Indexes of ${name} are not valid: ${invalid.join(', ')}.`;
        return fails('index', { code: 'schema_index_invalid', message });
      }
      if (allowDrift) return undefined;
      const [first] = (await compareSchema(databases.operations, source, admin)).differences.filter(
        isHarmful,
      );
      if (!first) return undefined;
      const message = `After its migration ${name} is not like the others of its version: ${first.change}: ${first.kind} ${first.name}.`;
      return fails('drift', { code: 'schema_drifted', message });
    });
    if (failed) return failed;
    await readAsTenant(databases, source);
    return undefined;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) return fails('readable', problemOf(error));
    const { code = '', message } = error;
    // A move of this tenant has closed its fence.
    if (code === 'MQ001') return undefined;
    return fails('readable', { code, message: `A tenant cannot read ${name} any more: ${message}.` });
  }
}

async function invalidIndexes(admin: pg.Client): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
     where not i.indisvalid and c.relnamespace = any (array['public', 'tenancy']::regnamespace[])`,
  );
  return rows.map(({ name }) => name);
}

/** Reads each table as Marquee does for a tenant that lives there: by its login, in the tenant's context. */
async function readAsTenant(
  { operations, application }: { operations: OperationsDatabase; application: ApplicationDatabase },
  source: DataSource,
): Promise<void> {
  const { routerUrl } = await operations.dataSources.credentials(source.id);
  if (source.engine !== 'postgresql' || !routerUrl) return;
  const [tenant] = await application.tenants.list({ dataSourceId: source.id, status: 'active', limit: 1 });
  if (!tenant) return;
  await withLogin('router', operations, source, async (client, sealKey) => {
    const { tenantIdInDataSource: tenantId, routeEpoch: epoch } = tenant;
    await inTenant(client, { tenantId, epoch, sealKey }, async () => {
      const { rows } = await client.query<{ reads: string | null }>(READS);
      await client.query(rows[0]?.reads ?? 'select');
    });
  });
}

const READS = `select string_agg(format('(select 1 from public.%I limit 1)', relname), ' union all ') as reads from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and has_table_privilege(oid, 'select')`;
