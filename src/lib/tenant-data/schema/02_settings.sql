-- Settings of a tenant: its own values, its connections to other services, its numbers and its saved lists.

create table tenant_settings (
  like tenancy.record including all,
  key text not null check (key ~ '^[a-z][a-z0-9_.]*$'),
  value jsonb not null,
  unique (tenant_id, key)
);

create trigger apply_rounding after insert or update on tenant_settings for each row
  when (new.key = 'rounding' and not tenancy.copying()) execute function tenancy.apply_rounding();
create trigger check_discount_limit before insert or update on tenant_settings for each row
  when (new.key = 'max_discount_percent' and not tenancy.copying()) execute function tenancy.check_discount_limit();
create trigger check_setting before insert or update or delete on tenant_settings
  for each row when (not tenancy.copying()) execute function tenancy.check_setting();
create trigger follow_company_zone after update of value on tenant_settings for each row
  when (new.key = 'timezone' and new.value <> old.value and not tenancy.copying()) execute function tenancy.follow_company_zone();
create trigger keep_prices after insert or update of value on tenant_settings for each row
  when (new.key = 'currency' and not tenancy.copying()) execute function tenancy.keep_prices();

select tenancy.protect('tenant_settings', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin}',
  updates => '{owner,admin}', deletes => '{owner,admin}');

create table user_integrations (
  like tenancy.record including all,
  -- Null: of the whole tenant.
  user_id uuid,
  provider text not null check (provider <> ''),
  -- An envelope, encrypted by the application.
  credentials text,
  key_id text,
  scopes text[] not null default '{}',
  status text not null default 'connected' check (status in ('connected', 'paused', 'expired', 'revoked', 'error')),
  external_account_id text,
  last_error text,
  last_sync_at timestamptz,
  unique nulls not distinct (tenant_id, user_id, provider)
);

select tenancy.protect('user_integrations', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales,staff,viewer}', updates => '{owner,admin,manager,sales,staff,viewer}',
  deletes => '{owner,admin,manager,sales,staff,viewer}',
  every_row => $$user_id = (select tenancy.current_user_id())$$, every_row_but_for => '{owner,admin}',
  secrets => '{credentials,key_id}');

-- Only the server makes connections, with what the other service answered.
revoke insert, update on user_integrations from tenant_user, tenant_manager;

create table number_sequences (
  like tenancy.record including all,
  kind text not null check (kind in ('event', 'quote', 'invoice', 'contract')),
  prefix text not null default '',
  next_value bigint not null default 1 check (next_value > 0),
  padding int not null default 4 check (padding between 1 and 12),
  resets_yearly boolean not null default false,
  -- The year in which next_value counts, if numbers restart each year.
  year int,
  unique (tenant_id, kind)
);

create trigger count_this_year before update of next_value, resets_yearly on number_sequences for each row
  when ((new.next_value, new.resets_yearly) <> (old.next_value, old.resets_yearly) and tenancy.is_user() and not tenancy.copying())
  execute function tenancy.count_this_year();

select tenancy.protect('number_sequences', reads => '{owner,admin}', inserts => '{owner,admin}', updates => '{owner,admin}',
  deletes => '{owner,admin}', system_columns => '{year}');

-- What sample data were loaded, each as it was then. Removing them takes exactly these.
create table sample_records (
  like tenancy.record including all,
  entity text not null check (entity <> ''),
  record_id uuid not null,
  -- Parents before children.
  place int not null,
  content jsonb not null,
  unique (tenant_id, entity, record_id)
);

-- Written by load_sample_data and remove_sample_data.
select tenancy.protect('sample_records', reads => '{owner,admin}', inserts => '{}', updates => '{}', deletes => '{}',
  system_columns => '{id,entity,record_id,place,content}');

create table saved_views (
  like tenancy.record including all,
  entity text not null check (entity <> ''),
  name text not null check (name <> ''),
  -- Null: shared by all users.
  owner_id uuid,
  definition jsonb not null default '{}',
  unique nulls not distinct (tenant_id, entity, owner_id, name)
);

select tenancy.protect('saved_views', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales,staff,viewer}', updates => '{owner,admin,manager,sales,staff,viewer}',
  deletes => '{owner,admin,manager,sales,staff,viewer}',
  every_row => $$owner_id = (select tenancy.current_user_id()) or owner_id is null$$);

-- All users read a shared view; managers change it.
create policy shared_views_insert on saved_views as restrictive for insert to tenant_user
  with check (owner_id is not null or tenant_id = (select tenancy.current_tenant('{owner,admin,manager}')));
create policy shared_views_update on saved_views as restrictive for update to tenant_user
  using (owner_id is not null or tenant_id = (select tenancy.current_tenant('{owner,admin,manager}')));
create policy shared_views_delete on saved_views as restrictive for delete to tenant_user
  using (owner_id is not null or tenant_id = (select tenancy.current_tenant('{owner,admin,manager}')));
