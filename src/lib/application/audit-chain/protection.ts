import type { Database } from '../database';
import { statements } from '../statements';

export const PROTECTION = statements('audit', {
  weaknesses: `select weakness from (values
       ((select rolsuper from pg_roles where rolname = current_user), 'it is a superuser'),
       ((select pg_has_role(current_user, relowner, 'member') from pg_class where oid = 'public.audit_log'::regclass), 'it owns the table audit_log'),
       ((select pg_has_role(current_user, nspowner, 'member') from pg_namespace where nspname = 'marquee'), 'it owns the functions that chain the records'),
       (has_table_privilege('public.audit_log', 'delete, truncate, trigger') or has_any_column_privilege('public.audit_log', 'update'), 'it may change or delete records')
     ) as found (applies, weakness) where applies`,
});

/**
 * What the login could do to the audit log besides adding records, in words; empty where another role owns the log and the login
 * has the rights of `marquee migrate` with APPLICATION_DATABASE_OWNER_URL.
 */
export async function weaknessesOf(database: Database): Promise<string[]> {
  const rows = await database.read<{ weakness: string }>(PROTECTION.weaknesses);
  return rows.map(({ weakness }) => weakness);
}
