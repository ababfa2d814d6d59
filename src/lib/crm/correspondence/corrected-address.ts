import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';

/**
 * Writes the right address into what a mail was about: its contact, lead and account, as far as they have the wrong one; the first of
 * them if none has. With the client's rights.
 */
export async function rememberAddress(
  client: TenantClient,
  mail: Pick<RowOf<'communications'>, 'contact_id' | 'lead_id' | 'account_id' | 'to_address'>,
  address: string,
): Promise<void> {
  const found = await Promise.all(
    (
      [
        ['contacts', mail.contact_id],
        ['leads', mail.lead_id],
        ['accounts', mail.account_id],
      ] as const
    ).map(async ([table, id]) => {
      const row = id ? await new GenericRepository(client, table).find(id) : undefined;
      return row ? [{ table, id: row.id, email: row.email }] : [];
    }),
  );
  const records = found.flat();
  const wrong = mail.to_address?.toLowerCase();
  const having = records.filter(({ email }) => email?.toLowerCase() === wrong);
  for (const { table, id } of having.length > 0 ? having : records.slice(0, 1))
    await new GenericRepository(client, table).update(id, { email: address });
}
