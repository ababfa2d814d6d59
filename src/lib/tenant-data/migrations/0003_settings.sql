-- A tenant's own lists and settings, which the other tables point to.

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

create table event_types (
  like tenancy.record including all,
  category_id uuid not null,
  name text not null check (name <> ''),
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  default_duration_minutes int check (default_duration_minutes > 0),
  is_active boolean not null default true,
  display_order int not null default 0,
  unique (tenant_id, category_id, slug)
);
select tenancy.link('event_types', 'category_id', 'event_categories');
create index on event_types (tenant_id, display_order, id);

create table payment_status_options (
  like tenancy.record including all,
  name text not null check (name <> ''),
  color text,
  rule text not null default 'none' check (rule in ('none', 'deposit', 'partial', 'paid', 'past_due')),
  display_order int not null default 0,
  unique (tenant_id, name)
);
create index on payment_status_options (tenant_id, display_order, id);

create table core_task_templates (
  like tenancy.record including all,
  name text not null check (name <> ''),
  display_order int not null default 0,
  days_before int check (days_before >= 0),
  required boolean not null default true,
  event_type_id uuid,
  -- Which fact of the event ticks it off by itself; null: by hand.
  auto_rule text check (auto_rule in ('designs_approved', 'staff_confirmed', 'equipment_reserved', 'paid', 'contract_signed')),
  is_active boolean not null default true,
  unique (tenant_id, name)
);
select tenancy.link('core_task_templates', 'event_type_id', 'event_types');
create index on core_task_templates (tenant_id, display_order, id);

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

create table staff_roles (
  like tenancy.record including all,
  name text not null check (name <> ''),
  type text not null check (type in ('operations', 'event_staff')),
  default_rate bigint check (default_rate between 0 and 100000000),
  is_active boolean not null default true,
  display_order int not null default 0,
  unique (tenant_id, name)
);
create index on staff_roles (tenant_id, display_order, id);

create table user_pay_rate_history (
  like tenancy.record including all,
  user_id uuid not null,
  staff_role_id uuid,
  pay_type text not null default 'hourly' check (pay_type in ('hourly', 'flat')),
  rate bigint not null check (rate between 0 and 100000000),
  effective daterange not null check (not isempty(effective)),
  constraint user_pay_rate_history_no_overlap exclude using gist (
    tenant_id with =, user_id with =,
    -- A rate without a role overlaps other rates without a role only; nulls never exclude each other.
    (coalesce(staff_role_id, '00000000-0000-0000-0000-000000000000'::uuid)) with =,
    effective with &&)
);
select tenancy.link('user_pay_rate_history', 'staff_role_id', 'staff_roles');
create index on user_pay_rate_history (tenant_id, user_id, lower(effective));

create table user_role_history (
  like tenancy.record including all,
  user_id uuid not null,
  role text not null check (role in ('owner', 'admin', 'manager', 'sales', 'staff', 'viewer')),
  effective daterange not null check (not isempty(effective)),
  constraint user_role_history_no_overlap exclude using gist (tenant_id with =, user_id with =, effective with &&)
);
create index on user_role_history (tenant_id, user_id, lower(effective));

create table tenant_settings (
  like tenancy.record including all,
  key text not null check (key ~ '^[a-z][a-z0-9_.]*$'),
  value jsonb not null,
  unique (tenant_id, key)
);

create table user_integrations (
  like tenancy.record including all,
  -- Null: the whole tenant's.
  user_id uuid,
  provider text not null check (provider <> ''),
  -- An envelope: encrypted by the application.
  credentials text,
  key_id text,
  scopes text[] not null default '{}',
  status text not null default 'connected' check (status in ('connected', 'expired', 'revoked', 'error')),
  external_account_id text,
  last_error text,
  last_sync_at timestamptz,
  unique nulls not distinct (tenant_id, user_id, provider)
);

create table number_sequences (
  like tenancy.record including all,
  kind text not null check (kind in ('event', 'quote', 'invoice', 'contract')),
  prefix text not null default '',
  next_value bigint not null default 1 check (next_value > 0),
  padding int not null default 4 check (padding between 1 and 12),
  resets_yearly boolean not null default false,
  -- The year that next_value counts in, where it starts anew each year.
  year int,
  unique (tenant_id, kind)
);

create table saved_views (
  like tenancy.record including all,
  entity text not null check (entity <> ''),
  name text not null check (name <> ''),
  -- Null: shared by all users.
  owner_id uuid,
  definition jsonb not null default '{}',
  unique nulls not distinct (tenant_id, entity, owner_id, name)
);

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
