import type pg from 'pg';
import { envelopeColumn, type SecretStore } from '@/lib/secrets';
import { DATABASE } from '../customer-requests';
import { operationsFailure } from '../errors';
import { SECRET_COLUMNS } from '../registry/data-source';
import { SEED } from './signing-keys';

/** Every place of the operations database where an envelope stands, except those in jobs: the code that sends a job is responsible for its secrets. */
export function secretStores(pool: pg.Pool): SecretStore[] {
  const run = (text: string, values: readonly unknown[]) =>
    pool.query(text, [...values]).catch((error: unknown) => {
      throw operationsFailure(error);
    });
  const ofSources = Object.values(SECRET_COLUMNS).map((column) =>
    envelopeColumn({ table: 'data_sources', column, key: 'id', type: 'uuid' }, run, run),
  );
  return [
    ...ofSources,
    envelopeColumn(
      { table: 'token_keys', column: 'seed', key: 'id', type: 'text', place: 'token_keys.seed' },
      run,
      run,
    ),
    envelopeColumn(
      { table: 'customer_requests', column: 'database', key: 'id', type: 'uuid', place: DATABASE },
      run,
      run,
    ),
    envelopeColumn({ table: 'signing_keys', column: 'seed', key: 'id', type: 'text', place: SEED }, run, run),
    envelopeColumn(
      {
        ...{ table: 'backups', column: 'data_key', key: 'id', type: 'uuid', place: 'backups.data_key' },
        owner: `tenant_id || '/' || id`,
      },
      run,
      run,
    ),
    envelopeColumn(
      {
        ...{ table: 'exports', column: 'data_key', key: 'id', type: 'uuid', place: 'exports.data_key' },
        owner: `tenant_id || '/' || id`,
      },
      run,
      run,
    ),
    envelopeColumn(
      {
        ...{
          table: 'idempotent_requests',
          column: 'answer',
          key: 'holder',
          type: 'uuid',
          owner: 'tenant_id',
        },
        place: 'idempotent_requests.answer',
      },
      run,
      run,
    ),
  ];
}
