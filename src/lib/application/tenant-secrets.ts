import type { SecretBox } from '@/lib/secrets';
import type { Database } from './database';
import { type DataSourceEngine, isId, type TenantCredentials, type TenantReplica } from './tenant';
import { TENANTS } from './tenant-statements';

/** The columns of `tenants` that hold an envelope each. */
export const SECRET_COLUMNS = ['data_source_url', 'data_source_anon_key', 'data_source_service_key'] as const;

export type SecretColumn = (typeof SECRET_COLUMNS)[number];

interface StoredCredentials {
  dataSourceId: string | null;
  engine: DataSourceEngine | null;
  url: string | null;
  anonKey: string | null;
  serviceKey: string | null;
}

/** A replica as stored in `data_source_replicas`: its URL is an envelope. */
export type StoredReplica = TenantReplica;

/** A tenant's credentials as envelopes, in the order of `SECRET_COLUMNS`. */
export async function encryptCredentials(
  box: SecretBox,
  owner: string,
  credentials: Pick<TenantCredentials, 'url' | 'anonKey' | 'serviceKey'>,
): Promise<(string | null)[]> {
  const { url, anonKey, serviceKey } = credentials;
  return Promise.all(
    [url, anonKey, serviceKey].map((text, index) => {
      const column = SECRET_COLUMNS[index] as SecretColumn;
      return text === null ? null : box.encrypt(text, { owner, column });
    }),
  );
}

/** The credential in one column. */
async function decryptColumn(
  box: SecretBox,
  owner: string,
  column: SecretColumn,
  envelope: string | null,
): Promise<string | null> {
  return envelope === null ? null : box.decrypt(envelope, { owner, column });
}

/** Each replica's URL is bound to its id, so that two replicas cannot be exchanged. */
export function replicaPlace(owner: string, replicaId: string) {
  return { owner, column: `data_source_replicas/${replicaId}` };
}

/**
 * How to reach a tenant's data, decrypted; undefined where it has no place yet. Never log it.
 *
 * @throws SecretError `envelope_unknown_key`, `envelope_tampered`, `envelope_malformed`, `key_provider_*`
 */
export async function readCredentials(
  database: Database,
  box: SecretBox,
  id: string,
): Promise<TenantCredentials | undefined> {
  if (!isId(id)) return undefined;
  const [row] = await database.read<StoredCredentials>(TENANTS.credentials, [id]);
  if (!row?.dataSourceId || !row.engine || row.url === null) return undefined;
  const { dataSourceId, engine } = row;
  const [url, anonKey, serviceKey] = await Promise.all([
    box.decrypt(row.url, { owner: id, column: 'data_source_url' }),
    decryptColumn(box, id, 'data_source_anon_key', row.anonKey),
    decryptColumn(box, id, 'data_source_service_key', row.serviceKey),
  ]);
  return { dataSourceId, engine, url, anonKey, serviceKey };
}

/** Readable copies of the tenant's data, decrypted. Never log them. */
export async function readReplicas(database: Database, box: SecretBox, id: string): Promise<TenantReplica[]> {
  if (!isId(id)) return [];
  const [row] = await database.read<{ replicas: StoredReplica[] }>(TENANTS.replicas, [id]);
  return Promise.all(
    (row?.replicas ?? []).map(async (replica) => ({
      ...replica,
      url: await box.decrypt(replica.url, replicaPlace(id, replica.id)),
    })),
  );
}

/** Replicas as `data_source_replicas` holds them: JSON. */
export async function encryptReplicas(
  box: SecretBox,
  id: string,
  replicas: readonly TenantReplica[] = [],
): Promise<string> {
  const stored = replicas.map(async ({ id: replicaId, region, url }) => ({
    id: replicaId,
    region,
    url: await box.encrypt(url, replicaPlace(id, replicaId)),
  }));
  return JSON.stringify(await Promise.all(stored));
}
