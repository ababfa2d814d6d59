-- What a company owns and rents out, and what it charges for it.

create table equipment_types (
  like tenancy.record including all,
  name text not null check (name <> ''),
  category text,
  tracking text not null default 'serialized' check (tracking in ('serialized', 'bulk')),
  buffer_before_minutes int not null default 0 check (buffer_before_minutes between 0 and 43200),
  buffer_after_minutes int not null default 0 check (buffer_after_minutes between 0 and 43200),
  is_active boolean not null default true,
  unique (tenant_id, name)
);

create table booth_types (
  like tenancy.record including all,
  name text not null check (name <> ''),
  -- {equipment type's id: quantity}
  required_items jsonb not null default '{}' check (jsonb_typeof(required_items) = 'object'),
  buffer_before_minutes int not null default 0 check (buffer_before_minutes between 0 and 43200),
  buffer_after_minutes int not null default 0 check (buffer_after_minutes between 0 and 43200),
  crew_needed int not null default 1 check (crew_needed >= 0),
  is_active boolean not null default true,
  unique (tenant_id, name)
);

create table booths (
  like tenancy.record including all,
  booth_type_id uuid not null,
  name text not null check (name <> ''),
  status text not null default 'ready' check (status in ('ready', 'incomplete', 'maintenance', 'retired')),
  location_id uuid,
  notes text,
  unique (tenant_id, name)
);
select tenancy.link('booths', 'booth_type_id', 'booth_types');
select tenancy.link('booths', 'location_id', 'locations');

create table equipment_items (
  like tenancy.record including all,
  equipment_type_id uuid not null,
  asset_tag text not null check (asset_tag <> ''),
  name text not null check (name <> ''),
  serial_number text,
  model text,
  quantity int not null default 1 check (quantity between 1 and 1000000),
  status text not null default 'available' check (status in ('available', 'maintenance', 'lost', 'retired')),
  condition text not null default 'good' check (condition in ('excellent', 'good', 'fair', 'needs_repair')),
  location_id uuid,
  -- The booth whose kit it belongs to.
  booth_id uuid,
  purchase_date date,
  purchase_price bigint check (purchase_price between 0 and 100000000000),
  next_service_due date,
  notes text,
  unique (tenant_id, asset_tag),
  unique (tenant_id, serial_number)
);
select tenancy.link('equipment_items', 'equipment_type_id', 'equipment_types');
select tenancy.link('equipment_items', 'location_id', 'locations');
select tenancy.link('equipment_items', 'booth_id', 'booths');
create index on equipment_items (tenant_id, name, id);

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
  unique (tenant_id, name)
);
select tenancy.link('packages', 'booth_type_id', 'booth_types');

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
  unique (tenant_id, name)
);
select tenancy.link('add_ons', 'equipment_type_id', 'equipment_types');

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
  unique (tenant_id, sku)
);
select tenancy.link('products', 'design_item_type_id', 'design_item_types');
create index on products (tenant_id, name, id);
