import type { PostgrestClient } from '@supabase/postgrest-js';
import type { TenantClient } from '@/lib/data-sources';

/**
 * A table whose name is known only at run time: TypeScript cannot tell its columns, so its rows are untyped. Where the
 * table is known, `client.from('accounts')` and `GenericRepository` are typed.
 */
export function tableNamed(client: TenantClient, table: string): ReturnType<PostgrestClient['from']> {
  return (client as PostgrestClient).from(table);
}
