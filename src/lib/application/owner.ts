import type pg from 'pg';
import { ApplicationError } from './errors';

/** Also true where there are no tables yet. */
export async function ownsTables(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ owns: boolean }>(
    `select coalesce(pg_has_role(current_user, (select relowner from pg_class where oid = to_regclass('public.audit_log')), 'member'), true) owns`,
  );
  return rows[0]?.owns ?? true;
}

/** @throws ApplicationError `application_login_lacks_rights` */
export async function expectOwner(client: pg.Client): Promise<void> {
  if (await ownsTables(client)) return;
  throw new ApplicationError(
    'application_login_lacks_rights',
    'This login does not own the audit log and may not remove records that were archived.',
    { hint: 'Set APPLICATION_DATABASE_OWNER_URL for this command.' },
  );
}
