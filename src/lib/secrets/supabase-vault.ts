import pg from 'pg';
import { PrimaryClient } from '@/lib/postgres';
import { SecretError } from './errors';

/**
 * Reads the key encryption key that an operator keeps in Supabase Vault. It is read from the project's own database.
 *
 * @param options.databaseUrl PostgreSQL URL of the project, with a role that may read `vault.decrypted_secrets`; of several hosts the
 *   primary is read
 * @param options.name name of the secret; its value is 64 hexadecimal digits
 * @throws SecretError `key_provider_unreachable`, `key_provider_refused`
 */
export async function readSupabaseVaultKey(options: { databaseUrl: string; name: string }): Promise<string> {
  const { databaseUrl, name } = options;
  const client = new PrimaryClient({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ secret: string }>(
      'select decrypted_secret secret from vault.decrypted_secrets where name = $1',
      [name],
    );
    if (rows[0]) return rows[0].secret;
  } catch (cause) {
    const refused = cause instanceof pg.DatabaseError;
    throw new SecretError(
      refused ? 'key_provider_refused' : 'key_provider_unreachable',
      refused ? 'Supabase Vault cannot be read.' : 'The database of Supabase Vault does not answer.',
      { hint: 'Check the URL, and that its role may select from vault.decrypted_secrets.', cause },
    );
  } finally {
    await client.end().catch(() => {});
  }
  throw new SecretError('key_provider_refused', `Supabase Vault has no secret named ${name}.`, {
    hint: `Create it: select vault.create_secret('<64 hexadecimal digits>', '${name}');`,
  });
}
