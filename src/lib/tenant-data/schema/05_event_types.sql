-- How a tenant sorts its events.

create table event_categories (
  like tenancy.record including all,
  name text not null check (name <> ''),
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  color text,
  icon text,
  is_active boolean not null default true,
  is_system boolean not null default false,
  display_order int not null default 0,
  unique (tenant_id, slug)
);
create index on event_categories (tenant_id, display_order, id);

create trigger fill_slug before insert on event_categories for each row
  when (coalesce(new.slug, '') = '' and not tenancy.copying()) execute function tenancy.fill_slug();

select tenancy.protect('event_categories', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}',
  system_columns => '{is_system}');

create table event_types (
  like tenancy.record including all,
  category_id uuid not null,
  name text not null check (name <> ''),
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  default_duration_minutes int check (default_duration_minutes > 0),
  is_active boolean not null default true,
  display_order int not null default 0,
  unique (tenant_id, category_id, slug),
  constraint event_types_category_id_fkey
    foreign key (tenant_id, category_id) references event_categories (tenant_id, id) deferrable
);
create index on event_types (tenant_id, display_order, id);

create trigger fill_slug before insert on event_types for each row
  when (coalesce(new.slug, '') = '' and not tenancy.copying()) execute function tenancy.fill_slug();

select tenancy.protect('event_types', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');
