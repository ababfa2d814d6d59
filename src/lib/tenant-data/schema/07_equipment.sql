-- What a tenant owns and rents out: equipment, and booths with their kits.

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

create trigger keep_kit_type before delete on equipment_types
  for each row when (not tenancy.copying()) execute function tenancy.keep_kit_type();
create trigger keep_tracking before update of tracking on equipment_types
  for each row when (new.tracking <> old.tracking and not tenancy.copying()) execute function tenancy.keep_tracking();
create trigger rebuffer after update of buffer_before_minutes, buffer_after_minutes on equipment_types
  for each row when (not tenancy.copying()) execute function tenancy.rebuffer();

select tenancy.protect('equipment_types', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');

create table booth_types (
  like tenancy.record including all,
  name text not null check (name <> ''),
  -- {id of an equipment type: quantity}
  required_items jsonb not null default '{}' check (jsonb_typeof(required_items) = 'object'),
  buffer_before_minutes int not null default 0 check (buffer_before_minutes between 0 and 43200),
  buffer_after_minutes int not null default 0 check (buffer_after_minutes between 0 and 43200),
  crew_needed int not null default 1 check (crew_needed >= 0),
  is_active boolean not null default true,
  unique (tenant_id, name)
);

create trigger check_kit before insert or update of required_items on booth_types
  for each row when (jsonb_typeof(new.required_items) = 'object' and not tenancy.copying()) execute function tenancy.check_kit();
create trigger rebuffer after update of buffer_before_minutes, buffer_after_minutes on booth_types
  for each row when (not tenancy.copying()) execute function tenancy.rebuffer();

select tenancy.protect('booth_types', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');

create table booths (
  like tenancy.record including all,
  booth_type_id uuid not null,
  name text not null check (name <> ''),
  status text not null default 'ready' check (status in ('ready', 'incomplete', 'maintenance', 'retired')),
  location_id uuid,
  notes text,
  unique (tenant_id, name),
  constraint booths_booth_type_id_fkey
    foreign key (tenant_id, booth_type_id) references booth_types (tenant_id, id) deferrable,
  constraint booths_location_id_fkey
    foreign key (tenant_id, location_id) references locations (tenant_id, id) on delete set null (location_id) deferrable
);
create index on booths (tenant_id, booth_type_id);
create index on booths (tenant_id, location_id);

create trigger forget_entity after delete on booths for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('booth');
create trigger rebuffer after update of booth_type_id on booths
  for each row when (old.booth_type_id <> new.booth_type_id and not tenancy.copying()) execute function tenancy.rebuffer();

select tenancy.protect('booths', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');

-- Found by search_records.
create index booths_search on booths using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(name, ''))) gin_trgm_ops);
create policy tenant_search on booths for select to tenant_search using (true);
grant select (tenant_id, id, name) on booths to tenant_search;

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
  -- The booth to whose kit it belongs.
  booth_id uuid,
  purchase_date date,
  purchase_price bigint check (purchase_price between 0 and 100000000000),
  next_service_due date,
  notes text,
  unique (tenant_id, asset_tag),
  unique (tenant_id, serial_number),
  constraint equipment_items_booth_id_fkey
    foreign key (tenant_id, booth_id) references booths (tenant_id, id) on delete set null (booth_id) deferrable,
  constraint equipment_items_equipment_type_id_fkey
    foreign key (tenant_id, equipment_type_id) references equipment_types (tenant_id, id) deferrable,
  constraint equipment_items_location_id_fkey
    foreign key (tenant_id, location_id) references locations (tenant_id, id) on delete set null (location_id) deferrable
);
create index on equipment_items (tenant_id, equipment_type_id);
create index on equipment_items (tenant_id, location_id);
create index on equipment_items (tenant_id, booth_id);
create index on equipment_items (tenant_id, name, id);
create unique index equipment_items_asset_tag_any_spelling on equipment_items (tenant_id, tenancy.number_key(asset_tag));
create unique index equipment_items_serial_number_any_spelling on equipment_items (tenant_id, tenancy.number_key(serial_number));

create trigger forget_entity after delete on equipment_items for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('equipment_item');
create trigger join_kit after insert on equipment_items
  for each row when (new.booth_id is not null and not tenancy.copying()) execute function tenancy.join_kit();
create trigger rejoin_kit after update of booth_id, status, quantity on equipment_items
  for each row when ((old.booth_id is distinct from new.booth_id
      or new.booth_id is not null and (old.status <> new.status or old.quantity < new.quantity)) and not tenancy.copying())
  execute function tenancy.join_kit();
create trigger keep_promised before update of quantity on equipment_items
  for each row when (new.quantity < old.quantity and not tenancy.copying()) execute function tenancy.keep_promised();
create trigger rebuffer after update of equipment_type_id on equipment_items
  for each row when (old.equipment_type_id <> new.equipment_type_id and not tenancy.copying()) execute function tenancy.rebuffer();

select tenancy.protect('equipment_items', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}',
  costs => '{purchase_price}');

-- Found by search_records.
create index equipment_items_search on equipment_items using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(name, '') || ' ' || coalesce(asset_tag, '') || ' ' || coalesce(serial_number, '')
    || ' ' || coalesce(model, ''))) gin_trgm_ops);
create policy tenant_search on equipment_items for select to tenant_search using (true);
grant select (tenant_id, id, name, asset_tag, serial_number, model) on equipment_items to tenant_search;
