import { statements } from './statements';

/** Columns of `tenants` under the names of `Tenant`; bigint as text. */
const COLUMNS = `id, name, subdomain, status, data_source_id "dataSourceId",
  data_source_engine "dataSourceEngine", data_source_region "dataSourceRegion", data_source_notes "dataSourceNotes",
  tenant_id_in_data_source "tenantIdInDataSource", connection_pool_config "connectionPoolConfig",
  required_region "requiredRegion", support_policy "supportPolicy", route_epoch::text "routeEpoch", created_at "createdAt", updated_at "updatedAt"`;

/** What `Tenants` asks of the table `tenants`. */
export const TENANTS = statements('tenant', {
  find: `select ${COLUMNS} from tenants where id = $1::uuid`,
  findBySubdomain: `select ${COLUMNS} from tenants where subdomain = $1::text`,
  names: 'select id, name, subdomain from tenants where id = any ($1::uuid[])',
  list: `select ${COLUMNS} from tenants
    where ($1::text is null or status = $1::text) and ($2::uuid is null or data_source_id = $2::uuid)
      and ($3::text is null or strpos(lower(name), lower($3::text)) > 0 or strpos(subdomain, lower($3::text)) > 0)
      and ($4::uuid is null or (date_trunc('milliseconds', created_at), id) > ($5::timestamptz, $4::uuid))
      and ($7::text is null or tenant_id_in_data_source::text = $7::text)
    order by date_trunc('milliseconds', created_at), id limit $6::bigint`,
  page: `select ${COLUMNS} from tenants
    where ($1::text is null or status = $1::text) and ($2::uuid is null or data_source_id = $2::uuid)
      and ($3::text is null or strpos(lower(name), lower($3::text)) > 0 or strpos(subdomain, lower($3::text)) > 0)
    order by
      case when not $5::boolean then case $4::text when 'name' then lower(name) when 'status' then status when 'subdomain' then subdomain
        else to_char(created_at, 'YYYYMMDDHH24MISSUS') end end,
      case when $5::boolean then case $4::text when 'name' then lower(name) when 'status' then status when 'subdomain' then subdomain
        else to_char(created_at, 'YYYYMMDDHH24MISSUS') end end desc,
      id
    offset $6::bigint limit $7::bigint`,
  pageCount: `select count(*)::int as count from tenants
    where ($1::text is null or status = $1::text) and ($2::uuid is null or data_source_id = $2::uuid)
      and ($3::text is null or strpos(lower(name), lower($3::text)) > 0 or strpos(subdomain, lower($3::text)) > 0)`,
  counts: `select status, data_source_id "dataSourceId", count(*)::int as count from tenants group by 1, 2`,
  placement: `select id "tenantId", status, data_source_id "dataSourceId", data_source_engine engine, route_epoch::text epoch,
      tenant_id_in_data_source "tenantIdInDataSource", former_ids_in_data_source "formerIds",
      connection_pool_config "connectionPoolConfig", split_part(data_source_url, '.', 3) "urlFingerprint"
    from tenants where id = $1::uuid`,
  credentials: `select data_source_id "dataSourceId", data_source_engine engine, data_source_url url,
      data_source_anon_key "anonKey", data_source_service_key "serviceKey"
    from tenants where id = $1::uuid`,
  replicas: 'select data_source_replicas replicas from tenants where id = $1::uuid',
  create: `insert into tenants (id, name, subdomain, status, tenant_id_in_data_source, connection_pool_config,
      data_source_notes, required_region, data_source_id, data_source_engine, data_source_region, data_source_url,
      data_source_anon_key, data_source_service_key, data_source_replicas)
    values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::jsonb, $7::text, $8::text, $9::uuid, $10::text, $11::text,
      $12::text, $13::text, $14::text, $15::jsonb) returning ${COLUMNS}`,
  // Columns that are not given keep their values.
  update: `update tenants set (name, subdomain, connection_pool_config, data_source_notes, required_region, support_policy) = (
      select given.name, given.subdomain, given.connection_pool_config, given.data_source_notes, given.required_region,
        given.support_policy
      from jsonb_populate_record(tenants, $2::jsonb) given)
    where id = $1::uuid returning ${COLUMNS}`,
  setStatus: `update tenants set status = $2::text where id = $1::uuid returning ${COLUMNS}`,
  setDataSource: `update tenants set route_epoch = route_epoch + 1, data_source_id = $3::uuid, data_source_engine = $4::text,
      data_source_region = $5::text, tenant_id_in_data_source = coalesce($6::text, tenant_id_in_data_source),
      data_source_url = $7::text, data_source_anon_key = $8::text, data_source_service_key = $9::text,
      data_source_replicas = $10::jsonb, status = coalesce($11::text, status)
    where id = $1::uuid and route_epoch = $2::bigint returning ${COLUMNS}`,
  clearDataSource: `update tenants set data_source_id = null, data_source_engine = null, data_source_region = null,
      data_source_url = null, data_source_anon_key = null, data_source_service_key = null, data_source_replicas = '[]', status = $3::text
    where id = $1::uuid and route_epoch = $2::bigint returning ${COLUMNS}`,
  setCredentials: `update tenants set data_source_url = $2::text, data_source_anon_key = $3::text, data_source_service_key = $4::text
    where id = $1::uuid returning ${COLUMNS}`,
  withOtherUrl: `select id, data_source_url envelope from tenants
    where data_source_id = $1::uuid and split_part(data_source_url, '.', 3) <> $2::text order by id`,
  setUrls: `update tenants t set data_source_url = fresh.url
    from unnest($2::uuid[], $3::text[], $4::text[]) as fresh (id, former, url)
    where t.id = fresh.id and t.data_source_id = $1::uuid and t.data_source_url = fresh.former returning t.id`,
  setReplicas: `update tenants set data_source_replicas = $2::jsonb where id = $1::uuid returning ${COLUMNS}`,
  remove: `delete from tenants where id = $1::uuid returning ${COLUMNS}`,
  former: `select entity_id::uuid id, before ->> 'name' as name, before ->> 'subdomain' subdomain, before ->> 'data_source_id' "dataSourceId",
      coalesce(before ->> 'tenant_id_in_data_source', entity_id) "tenantIdInDataSource", occurred_at "removedAt"
    from audit_log
    where entity = 'tenants' and action = 'tenants.delete' and ($1::text[] is null or entity_id = any ($1::text[]))
      and ($2::text is null or before ->> 'subdomain' = $2::text)
    order by audit_log.id desc`,
});
