import { envelopeColumn, envelopeStatements, type SecretStore } from '@/lib/secrets';
import type { Author, Database } from './database';
import { statements } from './statements';
import { replicaPlace, SECRET_COLUMNS, type StoredReplica } from './tenant-secrets';

const COLUMNS = [
  ...[...SECRET_COLUMNS, 'single_sign_on_secret'].map((column) => ({ table: 'tenants', column })),
  { table: 'users', column: 'totp_secret' },
].map((column) => {
  const options = { ...column, key: 'id', type: 'uuid' } as const;
  return { options, statements: statements(`secrets_${column.column}`, envelopeStatements(options)) };
});

const REPLICAS = statements('secrets_replicas', {
  page: "select id, data_source_replicas replicas from tenants where data_source_replicas <> '[]' order by id",
  replace: `update tenants set data_source_replicas = (
      select jsonb_agg(replica || jsonb_build_object('url', coalesce($2::jsonb ->> (replica ->> 'url'), replica ->> 'url')) order by place)
      from jsonb_array_elements(data_source_replicas) with ordinality as each (replica, place))
    where id = $1::uuid and exists (
      select from jsonb_array_elements(data_source_replicas) replica where $2::jsonb ? (replica ->> 'url')) returning id`,
});

export const SECRETS = [
  ...COLUMNS.flatMap((column) => Object.values(column.statements)),
  ...Object.values(REPLICAS),
];

/** Every place of the application database where an envelope stands. @param by who changes them */
export function secretStores(database: Database, by?: Author): SecretStore[] {
  const answer = (rows: Record<string, unknown>[]) => ({ rows, rowCount: rows.length });
  return [
    ...COLUMNS.map(({ options, statements: { page, replace } }) =>
      envelopeColumn(
        options,
        async (_, values) => answer(await database.read(page, values)),
        async (_, values) => answer(await database.change(by, replace, values)),
      ),
    ),
    replicas(database, by),
  ];
}

/** Each replica of `tenants.data_source_replicas` has an envelope. */
function replicas(database: Database, by: Author | undefined): SecretStore {
  return {
    name: 'tenants.data_source_replicas',
    async *pages() {
      const rows = await database.read<{ id: string; replicas: StoredReplica[] }>(REPLICAS.page);
      yield rows.flatMap(({ id, replicas }) =>
        replicas.map((replica) => ({ ref: id, place: replicaPlace(id, replica.id), envelope: replica.url })),
      );
    },
    async replace(secrets) {
      let count = 0;
      for (const [id, some] of Map.groupBy(secrets, ({ ref }) => ref)) {
        const fresh = Object.fromEntries(some.map(({ envelope, rewritten }) => [envelope, rewritten]));
        const changed = await database.change(by, REPLICAS.replace, [id, JSON.stringify(fresh)]);
        if (changed.length > 0) count += some.length;
      }
      return count;
    },
  };
}
