// The encrypted part of a mail that waits in the job queue, and how it is brought to another key.
import type { OperationsDatabase } from '@/lib/operations';
import type { SecretPlace, SecretStore } from '@/lib/secrets';

export const MAIL_QUEUE = 'mail';

export function actionPlace(tenantId: string): SecretPlace {
  return { owner: tenantId, column: 'mail.action' };
}

/** The actions of mails. Jobs that are over keep theirs for as long as a mail that failed can be sent again. */
export function mailActions({ pool }: Pick<OperationsDatabase, 'pool'>): SecretStore {
  return {
    name: 'jobs of mails',
    async *pages() {
      const { rows: found } = await pool.query<{ exists: boolean }>(
        "select to_regclass('pgboss.job') is not null as exists",
      );
      if (!found[0]?.exists) return;
      const { rows } = await pool.query<{ id: string; tenantId: string; envelope: string }>(
        `select id, data ->> 'tenantId' "tenantId", data ->> 'sealedAction' envelope from pgboss.job
         where name = $1 and data ? 'sealedAction'`,
        [MAIL_QUEUE],
      );
      yield rows.map(({ id, tenantId, envelope }) => ({ ref: id, place: actionPlace(tenantId), envelope }));
    },
    async replace(secrets) {
      let count = 0;
      for (const { ref, envelope, rewritten } of secrets) {
        const { rowCount } = await pool.query(
          `update pgboss.job set data = jsonb_set(data, '{sealedAction}', to_jsonb($3::text))
           where name = $4 and id = $1 and data ->> 'sealedAction' = $2`,
          [ref, envelope, rewritten, MAIL_QUEUE],
        );
        count += rowCount ?? 0;
      }
      return count;
    },
  };
}
