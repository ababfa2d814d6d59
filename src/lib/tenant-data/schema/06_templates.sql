-- Places, texts and checklists that are written once and used for many events.

create table locations (
  like tenancy.record including all,
  name text not null check (name <> ''),
  address text,
  city text,
  state text,
  postal_code text,
  country text,
  lat double precision check (lat between -90 and 90),
  lng double precision check (lng between -180 and 180),
  timezone text,
  contact_name text,
  contact_phone text,
  contact_email text,
  load_in_notes text,
  travel_minutes int check (travel_minutes >= 0),
  is_one_time boolean not null default false
);
create index on locations (tenant_id, name, id);

create trigger check_email before insert or update of contact_email on locations for each row when (not tenancy.copying())
  execute function tenancy.check_email('contact_email');
create trigger check_timezone before insert or update of timezone on locations
  for each row when (new.timezone is not null and not tenancy.copying()) execute function tenancy.check_location_timezone();
create trigger follow_place_zone after update of timezone on locations
  for each row when (new.timezone is distinct from old.timezone and not tenancy.copying()) execute function tenancy.follow_place_zone();
create trigger forget_entity after delete on locations for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('location');

select tenancy.protect('locations', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}');

-- Found by search_records.
create index locations_search on locations using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(name, '') || ' ' || coalesce(address, '') || ' ' || coalesce(city, ''))) gin_trgm_ops);
create policy tenant_search on locations for select to tenant_search using (true);
grant select (tenant_id, id, name, address, city) on locations to tenant_search;

create table templates (
  like tenancy.record including all,
  type text not null check (type in ('email', 'sms', 'contract', 'quote', 'invoice')),
  name text not null check (name <> ''),
  subject text,
  content text not null check (length(content) <= 1000000),
  is_default boolean not null default false,
  is_active boolean not null default true,
  unique (tenant_id, type, name)
);
create unique index templates_one_default on templates (tenant_id, type) where is_default;

create trigger check_template before insert or update of content, subject on templates
  for each row when (not tenancy.copying()) execute function tenancy.check_template();
create trigger forget_entity after delete on templates for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('template');

select tenancy.protect('templates', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');

create table core_task_templates (
  like tenancy.record including all,
  name text not null check (name <> ''),
  display_order int not null default 0,
  days_before int check (days_before >= 0),
  required boolean not null default true,
  event_type_id uuid,
  -- The fact of the event that completes it automatically; null: by hand.
  auto_rule text check (auto_rule in ('designs_approved', 'staff_confirmed', 'equipment_reserved', 'paid', 'contract_signed')),
  is_active boolean not null default true,
  unique (tenant_id, name),
  constraint core_task_templates_event_type_id_fkey
    foreign key (tenant_id, event_type_id) references event_types (tenant_id, id) on delete set null (event_type_id) deferrable
);
create index on core_task_templates (tenant_id, event_type_id);
create index on core_task_templates (tenant_id, display_order, id);

select tenancy.protect('core_task_templates', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');
