-- What a tenant sells, and how it calls the state of payment. Money is in minor units.

create table packages (
  like tenancy.record including all,
  name text not null check (name <> ''),
  description text,
  base_price bigint not null check (base_price between 0 and 100000000000),
  duration_hours numeric(6, 2) check (duration_hours > 0),
  extra_hour_price bigint check (extra_hour_price between 0 and 100000000000),
  booth_type_id uuid,
  includes jsonb not null default '[]',
  category text,
  taxable boolean not null default true,
  is_active boolean not null default true,
  unique (tenant_id, name),
  constraint packages_booth_type_id_fkey
    foreign key (tenant_id, booth_type_id) references booth_types (tenant_id, id) on delete set null (booth_type_id) deferrable
);
create index on packages (tenant_id, booth_type_id);
create index on packages (tenant_id, base_price, id);

create trigger forget_entity after delete on packages for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('package');

select tenancy.protect('packages', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');

-- Found by search_records.
create index packages_search on packages using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(name, ''))) gin_trgm_ops);
create policy tenant_search on packages for select to tenant_search using (true);
grant select (tenant_id, id, name) on packages to tenant_search;

create table add_ons (
  like tenancy.record including all,
  name text not null check (name <> ''),
  description text,
  price bigint not null check (price between 0 and 100000000000),
  unit text not null default 'each' check (unit in ('each', 'hour', 'day', 'set')),
  equipment_type_id uuid,
  category text,
  taxable boolean not null default true,
  is_active boolean not null default true,
  unique (tenant_id, name),
  constraint add_ons_equipment_type_id_fkey
    foreign key (tenant_id, equipment_type_id) references equipment_types (tenant_id, id)
      on delete set null (equipment_type_id) deferrable
);
create index on add_ons (tenant_id, equipment_type_id);

select tenancy.protect('add_ons', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');

create table products (
  like tenancy.record including all,
  sku text,
  name text not null check (name <> ''),
  description text,
  price bigint check (price between 0 and 100000000000),
  cost bigint check (cost between 0 and 100000000000),
  taxable boolean not null default true,
  requires_design boolean not null default false,
  design_item_type_id uuid,
  lead_time_days int check (lead_time_days >= 0),
  is_active boolean not null default true,
  unique (tenant_id, sku),
  constraint products_design_item_type_id_fkey
    foreign key (tenant_id, design_item_type_id) references design_item_types (tenant_id, id)
      on delete set null (design_item_type_id) deferrable
);
create index on products (tenant_id, design_item_type_id);
create index on products (tenant_id, name, id);
create unique index products_sku_any_spelling on products (tenant_id, tenancy.number_key(sku));

create trigger forget_entity after delete on products for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('product');

select tenancy.protect('products', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}', costs => '{cost}');

-- Found by search_records.
create index products_search on products using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(name, '') || ' ' || coalesce(sku, ''))) gin_trgm_ops);
create policy tenant_search on products for select to tenant_search using (true);
grant select (tenant_id, id, name, sku) on products to tenant_search;

create table payment_status_options (
  like tenancy.record including all,
  name text not null check (name <> ''),
  color text,
  rule text not null default 'none' check (rule in ('none', 'deposit', 'partial', 'paid', 'past_due')),
  display_order int not null default 0,
  unique (tenant_id, name)
);
create index on payment_status_options (tenant_id, display_order, id);

select tenancy.protect('payment_status_options', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');
