-- The specification's `tenants`. An insert of id, name and subdomain makes a whole tenant: its id in the data source defaults
-- to its own, and its first use places it on the default data source.
create table public.tenants (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(btrim(name)) between 1 and 200),
  -- One DNS label: the tenant's host name is subdomain.<our domain>.
  subdomain text not null unique check (subdomain ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  -- Columns for credentials hold envelopes (src/lib/secrets/envelope.ts).
  data_source_url text check (marquee.is_envelope(data_source_url)),
  data_source_anon_key text check (marquee.is_envelope(data_source_anon_key)),
  data_source_service_key text check (marquee.is_envelope(data_source_service_key)),
  data_source_region text,
  connection_pool_config jsonb default '{}' check (jsonb_typeof(connection_pool_config) = 'object'),
  data_source_notes text,
  tenant_id_in_data_source text,
  status text not null default 'active'
    check (status in ('provisioning', 'active', 'suspended', 'archived')),
  -- The data source in the registry; several tenants may share it.
  data_source_id uuid,
  data_source_engine text check (data_source_engine in ('postgresql', 'supabase')),
  -- [{"id": uuid, "region": text, "url": envelope}]
  data_source_replicas jsonb not null default '[]' check (
    jsonb_typeof(data_source_replicas) = 'array'
    and not jsonb_path_exists(data_source_replicas, '$[*].url ? (@.type() != "string" || !(@ starts with "mq1."))')
    and not jsonb_path_exists(data_source_replicas, '$[*] ? (!exists(@.url) || !exists(@.id))')
  ),
  required_region text,
  -- Grows by one with every change of data source. The tenant's database refuses routes of another epoch.
  route_epoch bigint not null default 1 check (route_epoch > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Ids that the tenant had in earlier data sources, oldest first, without the present one. A client that read a row before a
  -- move may still name the tenant by the id in it; routers translate it.
  former_ids_in_data_source text[] not null default '{}',
  -- A tenant has a whole place or none.
  constraint tenants_whole_place check (num_nulls(data_source_id, data_source_engine, data_source_url) in (0, 3)),
  -- `tenant_id` is a UUID in the tenant schema.
  constraint tenants_id_in_data_source_is_uuid
    check (tenant_id_in_data_source ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'),
  -- Two tenants with one id in one database would be one tenant.
  constraint tenants_one_place unique (data_source_id, tenant_id_in_data_source),
  -- The company's OpenID provider, without its secret; see single-sign-on.ts.
  single_sign_on jsonb check (jsonb_typeof(single_sign_on) = 'object'),
  single_sign_on_secret text check (marquee.is_envelope(single_sign_on_secret)),
  constraint tenants_single_sign_on check (single_sign_on is not null or single_sign_on_secret is null),
  -- Whether the operator's people have to ask before they see the tenant's data.
  support_policy text not null default 'ask' check (support_policy in ('ask', 'allow', 'refuse'))
);
create index tenants_by_created on public.tenants (created_at, id);

-- A Supabase project serves `public` to its anon key: without policies only the owner sees a row.
alter table public.tenants enable row level security;

create trigger touch before update on public.tenants
  for each row when (old.* is distinct from new.*) execute function marquee.touch();
create trigger fill_defaults before insert or update of tenant_id_in_data_source, connection_pool_config on public.tenants
  for each row execute function marquee.fill_defaults();
create trigger check_pool_config before insert or update of connection_pool_config on public.tenants
  for each row when (new.connection_pool_config is not null) execute function marquee.check_pool_config();
create trigger protect_epoch before update of route_epoch on public.tenants
  for each row when (new.route_epoch < old.route_epoch) execute function marquee.protect_epoch();
create trigger keep_former_id before update on public.tenants
  for each row execute function marquee.keep_former_id();

create trigger announce_route after insert or delete on public.tenants
  for each row execute function marquee.announce_route();
-- A secret that was only encrypted anew keeps its fingerprint: where the data are has not changed.
create trigger announce_route_change after update on public.tenants
  for each row when (
    (old.status, old.subdomain, old.data_source_id, old.data_source_engine, marquee.fingerprint(old.data_source_url),
     marquee.fingerprint(old.data_source_anon_key), marquee.fingerprint(old.data_source_service_key), old.data_source_region,
     old.data_source_replicas, old.connection_pool_config, old.tenant_id_in_data_source, old.required_region, old.route_epoch)
    is distinct from
    (new.status, new.subdomain, new.data_source_id, new.data_source_engine, marquee.fingerprint(new.data_source_url),
     marquee.fingerprint(new.data_source_anon_key), marquee.fingerprint(new.data_source_service_key), new.data_source_region,
     new.data_source_replicas, new.connection_pool_config, new.tenant_id_in_data_source, new.required_region, new.route_epoch)
  ) execute function marquee.announce_route();

-- Records a change when its transaction commits: the audit log has one writer at a time, who then waits for no other lock.
-- Fires also where session_replication_role turns ordinary triggers off.
create constraint trigger audit after insert or update or delete on public.tenants
  deferrable initially deferred for each row execute function marquee.audit();
alter table public.tenants enable always trigger audit;
