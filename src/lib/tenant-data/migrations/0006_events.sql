-- What a company delivers: events, their dates, crew, designs and checklists.

create table events (
  like tenancy.record including all,
  event_number text not null default '' check (length(event_number) <= 60),
  title text not null check (title <> ''),
  status text not null default 'tentative' check (status in
    ('tentative', 'confirmed', 'in_progress', 'completed', 'cancelled', 'postponed')),
  account_id uuid not null,
  primary_contact_id uuid,
  planner_contact_id uuid,
  opportunity_id uuid,
  event_category_id uuid,
  event_type_id uuid,
  location_id uuid,
  start_date date,
  end_date date check (end_date >= start_date),
  guest_count int check (guest_count >= 0),
  payment_status_id uuid,
  onsite_contact_name text,
  onsite_contact_phone text,
  onsite_contact_email text,
  dress_code text,
  load_in_notes text,
  notes text,
  owner_id uuid,
  portal_token_hash text,
  -- When the crew and the client were told everything they need.
  briefed_at timestamptz,
  cancelled_at timestamptz,
  cancel_reason text,
  deleted_at timestamptz,
  unique (tenant_id, event_number),
  unique (tenant_id, opportunity_id)
);
select tenancy.link('events', 'account_id', 'accounts');
select tenancy.link('events', 'primary_contact_id', 'contacts');
select tenancy.link('events', 'planner_contact_id', 'contacts');
select tenancy.link('events', 'opportunity_id', 'opportunities');
select tenancy.link('events', 'event_category_id', 'event_categories');
select tenancy.link('events', 'event_type_id', 'event_types');
select tenancy.link('events', 'location_id', 'locations');
select tenancy.link('events', 'payment_status_id', 'payment_status_options');
select tenancy.link('opportunities', 'converted_event_id', 'events');
create index on events (tenant_id, start_date, id);
create index on events (tenant_id, status, start_date);
create index on events (tenant_id, created_at, id);
create unique index events_portal_token on events (tenant_id, portal_token_hash) where portal_token_hash is not null;

create table event_dates (
  like tenancy.record including all,
  event_id uuid,
  opportunity_id uuid,
  event_date date not null check (event_date between '1990-01-01' and '2200-01-01'),
  -- Local times in `timezone`. A set-up later than the start was the evening before; an end not later than the start is
  -- after midnight.
  setup_time time,
  start_time time not null,
  end_time time not null,
  teardown_minutes int not null default 0 check (teardown_minutes between 0 and 2880),
  timezone text not null,
  location_id uuid,
  status text not null default 'scheduled' check (status in ('scheduled', 'completed', 'cancelled')),
  notes text,
  -- From set-up to the end of teardown; kept by a trigger.
  occupied tstzrange not null,
  constraint event_dates_belong check (event_id is not null or opportunity_id is not null)
);
select tenancy.link('event_dates', 'event_id', 'events', 'cascade');
select tenancy.link('event_dates', 'opportunity_id', 'opportunities', 'cascade');
select tenancy.link('event_dates', 'location_id', 'locations');
create index on event_dates (tenant_id, event_date, start_time, id);

create table event_staff_assignments (
  like tenancy.record including all,
  event_id uuid not null,
  event_date_id uuid,
  user_id uuid not null,
  staff_role_id uuid not null,
  arrival_time time,
  start_time time,
  end_time time,
  -- From arrival to the end; kept by a trigger, null while there is no date.
  per tstzrange,
  status text not null default 'invited' check (status in
    ('invited', 'accepted', 'declined', 'confirmed', 'no_show', 'cancelled')),
  pay_type text not null default 'hourly' check (pay_type in ('hourly', 'flat')),
  rate_snapshot bigint check (rate_snapshot between 0 and 100000000),
  hours_actual numeric(6, 2) check (hours_actual between 0 and 1000),
  miles numeric(8, 1) check (miles >= 0),
  notes text,
  unique nulls not distinct (tenant_id, event_id, user_id, event_date_id, staff_role_id),
  -- One may serve in two roles on one date, but not at two dates at once.
  constraint event_staff_assignments_no_double_booking exclude using gist
    (tenant_id with =, user_id with =, event_date_id with <>, per with &&)
    where (status in ('accepted', 'confirmed'))
);
select tenancy.link('event_staff_assignments', 'event_id', 'events', 'cascade');
select tenancy.link('event_staff_assignments', 'event_date_id', 'event_dates', 'cascade');
select tenancy.link('event_staff_assignments', 'staff_role_id', 'staff_roles');
create index on event_staff_assignments (tenant_id, user_id, status);

create table event_design_items (
  like tenancy.record including all,
  event_id uuid not null,
  design_item_type_id uuid not null,
  name text not null check (name <> ''),
  design_status_id uuid,
  quantity int not null default 1 check (quantity > 0),
  designer_id uuid,
  due_date date,
  urgent_date date,
  missed_date date,
  -- The dates were set by hand: they stay when the event moves.
  dates_by_hand boolean not null default false,
  task_id uuid,
  product_id uuid,
  revision_count int not null default 0 check (revision_count >= 0),
  proof_token_hash text,
  approved_at timestamptz,
  approved_by_name text,
  client_notes text,
  internal_notes text
);
select tenancy.link('event_design_items', 'event_id', 'events', 'cascade');
select tenancy.link('event_design_items', 'design_item_type_id', 'design_item_types');
select tenancy.link('event_design_items', 'design_status_id', 'design_statuses');
select tenancy.link('event_design_items', 'product_id', 'products');
create index on event_design_items (tenant_id, due_date, id);
create index on event_design_items (tenant_id, designer_id, due_date);
create unique index event_design_items_proof_token on event_design_items (tenant_id, proof_token_hash)
  where proof_token_hash is not null;

create table event_custom_items (
  like tenancy.record including all,
  event_id uuid not null,
  item_type text not null default 'other' check (item_type in ('backdrop', 'wrap', 'signage', 'props', 'other')),
  name text not null check (name <> ''),
  vendor_name text,
  vendor_email text,
  vendor_phone text,
  order_number text,
  order_date date,
  due_date date,
  status text not null default 'not_ordered' check (status in
    ('not_ordered', 'ordered', 'in_production', 'shipped', 'received')),
  tracking_number text,
  cost bigint check (cost between 0 and 100000000000),
  paid boolean not null default false,
  notes text
);
select tenancy.link('event_custom_items', 'event_id', 'events', 'cascade');
create index on event_custom_items (tenant_id, due_date, id);

create table event_core_task_completion (
  like tenancy.record including all,
  event_id uuid not null,
  core_task_template_id uuid,
  name_snapshot text not null,
  required boolean not null default true,
  display_order int not null default 0,
  due_date date,
  is_completed boolean not null default false,
  completed_at timestamptz,
  completed_by uuid,
  notes text,
  unique (tenant_id, event_id, core_task_template_id),
  constraint event_core_task_completed check (is_completed = (completed_at is not null))
);
select tenancy.link('event_core_task_completion', 'event_id', 'events', 'cascade');
select tenancy.link('event_core_task_completion', 'core_task_template_id', 'core_task_templates');

create table booth_assignments (
  like tenancy.record including all,
  event_date_id uuid not null,
  event_id uuid,
  booth_id uuid not null,
  -- What the date occupies and the booth type's buffers around it; kept by a trigger.
  per tstzrange not null,
  status text not null default 'reserved' check (status in ('hold', 'reserved', 'checked_out', 'returned', 'cancelled')),
  hold_expires_at timestamptz,
  checked_out_at timestamptz,
  checked_out_by uuid,
  checked_in_at timestamptz,
  checked_in_by uuid,
  condition text check (condition in ('excellent', 'good', 'fair', 'needs_repair')),
  missing jsonb not null default '[]',
  damaged jsonb not null default '[]',
  notes text,
  constraint booth_assignments_hold check ((status = 'hold') = (hold_expires_at is not null) or status = 'cancelled'),
  constraint booth_assignments_no_double_booking exclude using gist
    (tenant_id with =, booth_id with =, per with &&) where (status in ('hold', 'reserved', 'checked_out'))
);
select tenancy.link('booth_assignments', 'event_date_id', 'event_dates', 'cascade');
select tenancy.link('booth_assignments', 'event_id', 'events', 'cascade');
select tenancy.link('booth_assignments', 'booth_id', 'booths');
create index on booth_assignments (tenant_id, hold_expires_at) where status = 'hold';

create table equipment_assignments (
  like tenancy.record including all,
  event_date_id uuid not null,
  event_id uuid,
  equipment_item_id uuid not null,
  -- The booth with whose kit it came.
  booth_assignment_id uuid,
  quantity int not null default 1 check (quantity > 0),
  per tstzrange not null,
  -- The type's tracking when it was assigned: an exclusion constraint sees its own row only. Kept by a trigger.
  serialized boolean not null default true,
  status text not null default 'reserved' check (status in ('hold', 'reserved', 'checked_out', 'returned', 'cancelled')),
  hold_expires_at timestamptz,
  checked_out_at timestamptz,
  checked_out_by uuid,
  checked_in_at timestamptz,
  checked_in_by uuid,
  condition text check (condition in ('excellent', 'good', 'fair', 'needs_repair')),
  notes text,
  constraint equipment_assignments_hold check
    ((status = 'hold') = (hold_expires_at is not null) or status = 'cancelled'),
  constraint equipment_assignments_no_double_booking exclude using gist
    (tenant_id with =, equipment_item_id with =, per with &&)
    where (serialized and status in ('hold', 'reserved', 'checked_out'))
);
select tenancy.link('equipment_assignments', 'event_date_id', 'event_dates', 'cascade');
select tenancy.link('equipment_assignments', 'event_id', 'events', 'cascade');
select tenancy.link('equipment_assignments', 'equipment_item_id', 'equipment_items');
select tenancy.link('equipment_assignments', 'booth_assignment_id', 'booth_assignments', 'cascade');
create index on equipment_assignments (tenant_id, hold_expires_at) where status = 'hold';
