-- What is designed for an event: kinds of design with their deadlines, and the states a design passes through.

create table design_item_types (
  like tenancy.record including all,
  name text not null check (name <> ''),
  type text not null check (type in ('digital', 'physical')),
  due_date_days int not null,
  urgent_threshold_days int not null,
  missed_deadline_days int not null check (missed_deadline_days > 0),
  requires_approval boolean not null default true,
  is_auto_added boolean not null default false,
  is_active boolean not null default true,
  display_order int not null default 0,
  unique (tenant_id, name),
  check (due_date_days > urgent_threshold_days),
  check (urgent_threshold_days > missed_deadline_days)
);
create index on design_item_types (tenant_id, display_order, id);

create trigger redate_designs after update of due_date_days, urgent_threshold_days, missed_deadline_days on design_item_types
  for each row when (not tenancy.copying()) execute function tenancy.redate_designs();
create trigger default_deadlines before insert on design_item_types
  for each row when (not tenancy.copying()) execute function tenancy.default_deadlines();

select tenancy.protect('design_item_types', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');

create table design_statuses (
  like tenancy.record including all,
  name text not null check (name <> ''),
  slug text not null check (slug ~ '^[a-z0-9]+([-_][a-z0-9]+)*$'),
  color text,
  is_default boolean not null default false,
  is_completed boolean not null default false,
  display_order int not null default 0,
  unique (tenant_id, slug)
);
create unique index design_statuses_one_default on design_statuses (tenant_id) where is_default;
create index on design_statuses (tenant_id, display_order, id);

create trigger fill_slug before insert on design_statuses for each row
  when (coalesce(new.slug, '') = '' and not tenancy.copying()) execute function tenancy.fill_slug();

select tenancy.protect('design_statuses', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}');
