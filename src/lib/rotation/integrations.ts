// Credentials of connected services, in every tenant's own database.
import { credentialsPlace, keyIdIn } from '@/lib/crm/delivery';
import { withLogin } from '@/lib/data-sources';
import type { DataSource } from '@/lib/operations';
import type { RewrittenSecret, SecretStore, StoredSecret } from '@/lib/secrets';
import { inTenant } from '@/lib/tenant-data';
import type { RotationDependencies } from './dependencies';

/** To one database at a time. */
const CONNECTIONS = 4;
const REPLACE = `update public.user_integrations i set credentials = fresh.rewritten, key_id = fresh.key_id
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as fresh (id, envelope, rewritten, key_id)
  where i.id = fresh.id and i.credentials = fresh.envelope`;

/**
 * The table `user_integrations` of every tenant. In a PostgreSQL database the tenant is entered by its fence, also where it is suspended or
 * archived; a tenant of a Supabase project is reached as requests reach it.
 */
export function integrationSecrets(parts: RotationDependencies): SecretStore {
  return {
    name: 'user_integrations.credentials',
    async *pages(report) {
      for (const source of await parts.operations.dataSources.list()) {
        const away = (error: unknown) =>
          report(`${source.name}: ${error instanceof Error ? error.message : 'it cannot be read.'}`);
        if (source.engine === 'supabase') yield await ofProject(parts, source, away);
        else
          yield await ofDatabase(parts, source).catch((error: unknown) => {
            away(error);
            return [];
          });
      }
    },
    async replace(secrets) {
      let count = 0;
      const bySource = Map.groupBy(secrets, ({ ref }) => readRef(ref).sourceId);
      for (const [sourceId, some] of bySource) {
        const source = await parts.operations.dataSources.get(sourceId);
        count += await (source.engine === 'supabase'
          ? replaceInProject(parts, some)
          : replaceInDatabase(parts, source, some));
      }
      return count;
    },
  };
}

interface Ref {
  sourceId: string;
  tenantId: string;
  rowId: string;
}

const writeRef = ({ sourceId, tenantId, rowId }: Ref) => `${sourceId}/${tenantId}/${rowId}`;

function readRef(ref: string): Ref {
  const [sourceId = '', tenantId = '', rowId = ''] = ref.split('/');
  return { sourceId, tenantId, rowId };
}

const toSecret = (sourceId: string, tenantId: string, rowId: string, envelope: string): StoredSecret => ({
  ref: writeRef({ sourceId, tenantId, rowId }),
  place: credentialsPlace(tenantId),
  envelope,
});

/** The mover sees the rows of all tenants. Rows of no tenant are a copy that a move has not removed yet. */
async function ofDatabase(parts: RotationDependencies, source: DataSource): Promise<StoredSecret[]> {
  const found: StoredSecret[] = [];
  await withLogin('mover', parts.operations, source, async (mover) => {
    const { rows } = await mover.query<{ tenantIdThere: string; id: string; credentials: string }>(
      `select tenant_id "tenantIdThere", id, credentials from public.user_integrations where credentials is not null`,
    );
    if (rows.length === 0) return;
    const idOf = new Map<string, string>();
    for await (const { id, tenantIdInDataSource } of parts.application.tenants.all({
      dataSourceId: source.id,
    }))
      idOf.set(tenantIdInDataSource, id);
    for (const { tenantIdThere, id, credentials } of rows) {
      const tenantId = idOf.get(tenantIdThere);
      if (tenantId) found.push(toSecret(source.id, tenantId, id, credentials));
    }
  });
  return found;
}

/** Each tenant is entered in a transaction of its own, several at a time. A failure does not prevent the others. */
async function replaceInDatabase(
  parts: RotationDependencies,
  source: DataSource,
  secrets: RewrittenSecret[],
): Promise<number> {
  let count = 0;
  const waiting = Map.groupBy(secrets, ({ ref }) => readRef(ref).tenantId).entries();
  const work = () =>
    withLogin('router', parts.operations, source, async (router, sealKey) => {
      for (const [tenantId, some] of waiting) {
        const { tenantIdInDataSource, routeEpoch } = await parts.application.tenants.get(tenantId);
        const tenant = { tenantId: tenantIdInDataSource, epoch: routeEpoch, sealKey };
        await inTenant(router, tenant, async () => {
          // A commit that the server loses in a crash leaves a secret under the old key, which is not retired while a row has it.
          await router.query('set local synchronous_commit = off');
          const { rowCount } = await router.query(REPLACE, [
            some.map(({ ref }) => readRef(ref).rowId),
            some.map(({ envelope }) => envelope),
            some.map(({ rewritten }) => rewritten),
            some.map(({ rewritten }) => keyIdIn(rewritten)),
          ]);
          count += rowCount ?? 0;
        });
      }
    });
  const ended = await Promise.allSettled(Array.from({ length: CONNECTIONS }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return count;
}

async function ofProject(
  parts: RotationDependencies,
  source: DataSource,
  away: (error: unknown) => void,
): Promise<StoredSecret[]> {
  const found: StoredSecret[] = [];
  for await (const tenant of parts.application.tenants.all({ dataSourceId: source.id })) {
    try {
      const client = await parts.manager.getClientForTenant(tenant.id, true);
      const { data } = await client
        .from('user_integrations')
        .select('id, credentials')
        .not('credentials', 'is', null)
        .throwOnError();
      for (const { id, credentials } of data)
        found.push(toSecret(source.id, tenant.id, id, credentials ?? ''));
    } catch (error) {
      away(error);
    }
  }
  return found;
}

async function replaceInProject(parts: RotationDependencies, secrets: RewrittenSecret[]): Promise<number> {
  let count = 0;
  for (const { ref, envelope, rewritten } of secrets) {
    const { tenantId, rowId } = readRef(ref);
    const client = await parts.manager.getClientForTenant(tenantId, true);
    const { data } = await client
      .from('user_integrations')
      .update({ credentials: rewritten, key_id: keyIdIn(rewritten) })
      .eq('id', rowId)
      .eq('credentials', envelope)
      .select('id')
      .throwOnError();
    count += data.length;
  }
  return count;
}
