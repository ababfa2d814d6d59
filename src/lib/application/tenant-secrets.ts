import type { SecretBox } from '@/lib/secrets';
import type { TenantCredentials, TenantReplica } from './tenant';

/** The columns of `tenants` that hold an envelope each. */
export const SECRET_COLUMNS = ['data_source_url', 'data_source_anon_key', 'data_source_service_key'] as const;

export type SecretColumn = (typeof SECRET_COLUMNS)[number];

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
export async function decryptColumn(
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
