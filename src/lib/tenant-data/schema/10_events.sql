-- Events: their dates, crew, designs, ordered items and checklists.

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
  -- What the client wrote.
  message text check (length(message) <= 100000),
  payment_status_id uuid,
  onsite_contact_name text,
  onsite_contact_phone text,
  onsite_contact_email text,
  dress_code text,
  load_in_notes text,
  notes text,
  owner_id uuid,
  portal_token_hash text,
  -- When the crew and the client were briefed.
  briefed_at timestamptz,
  cancelled_at timestamptz,
  cancel_reason text,
  -- Since when it is hidden: it was to be deleted while other records need it. Null: it is shown.
  deleted_at timestamptz,
  -- When it was postponed, which released its dates.
  postponed_at timestamptz,
  unique (tenant_id, event_number),
  unique (tenant_id, opportunity_id),
  constraint events_account_id_fkey
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) deferrable,
  constraint events_event_category_id_fkey
    foreign key (tenant_id, event_category_id) references event_categories (tenant_id, id)
      on delete set null (event_category_id) deferrable,
  constraint events_event_type_id_fkey
    foreign key (tenant_id, event_type_id) references event_types (tenant_id, id) on delete set null (event_type_id) deferrable,
  constraint events_location_id_fkey
    foreign key (tenant_id, location_id) references locations (tenant_id, id) on delete set null (location_id) deferrable,
  constraint events_opportunity_id_fkey
    foreign key (tenant_id, opportunity_id) references opportunities (tenant_id, id)
      on delete set null (opportunity_id) deferrable,
  constraint events_payment_status_id_fkey
    foreign key (tenant_id, payment_status_id) references payment_status_options (tenant_id, id)
      on delete set null (payment_status_id) deferrable,
  constraint events_planner_contact_id_fkey
    foreign key (tenant_id, planner_contact_id) references contacts (tenant_id, id)
      on delete set null (planner_contact_id) deferrable,
  constraint events_primary_contact_id_fkey
    foreign key (tenant_id, primary_contact_id) references contacts (tenant_id, id)
      on delete set null (primary_contact_id) deferrable
);
-- In the order of the lists on a client's page: else the planner walks the order's index through all clients.
create index on events (tenant_id, account_id, start_date);
create index on events (tenant_id, primary_contact_id, start_date);
create index on events (tenant_id, planner_contact_id);
create index on events (tenant_id, event_category_id);
create index on events (tenant_id, event_type_id);
create index on events (tenant_id, location_id);
create index on events (tenant_id, payment_status_id);
create index on events (tenant_id, start_date, id);
-- For a month's events that have no date: those that ended before are most of them.
create index on events (tenant_id, end_date);
create index on events (tenant_id, status, start_date);
create index on events (tenant_id, created_at, id);
-- For the archive.
create index events_deleted on events (tenant_id, deleted_at) where deleted_at is not null;
create unique index events_portal_token on events (tenant_id, portal_token_hash) where portal_token_hash is not null;
create unique index events_event_number_any_spelling on events (tenant_id, tenancy.number_key(event_number));

alter table opportunities add constraint opportunities_converted_event_id_fkey
  foreign key (tenant_id, converted_event_id) references events (tenant_id, id)
    on delete set null (converted_event_id) deferrable;

create trigger cancel_dates after update of status on events for each row
  when (new.status in ('cancelled', 'postponed') and old.status not in ('cancelled', 'postponed') and not tenancy.copying())
  execute function tenancy.cancel_dates();
-- A soft-deleted event releases its bookings, as a cancelled one does.
create trigger cancel_dates_deleted after update of deleted_at on events for each row
  when (new.deleted_at is not null and old.deleted_at is null and not tenancy.copying())
  execute function tenancy.cancel_dates();
create trigger check_email before insert or update of onsite_contact_email on events for each row when (not tenancy.copying())
  execute function tenancy.check_email('onsite_contact_email');
create trigger check_person before insert or update of owner_id on events for each row when (not tenancy.copying())
  execute function tenancy.check_person('owner_id');
create trigger begin_tentative before insert on events for each row
  when (new.status = 'confirmed' and not tenancy.copying())
  execute function tenancy.begin_tentative();
create trigger revive_dates after update of status, deleted_at on events for each row
  when ((old.status in ('cancelled', 'postponed') or old.deleted_at is not null) and new.status not in ('cancelled', 'postponed')
    and new.deleted_at is null and not tenancy.copying())
  execute function tenancy.revive_dates();
-- After revive_dates: triggers fire in the order of their names.
create trigger verify_reserved after update of status on events for each row
  when (new.status = 'confirmed' and old.status <> 'confirmed' and not tenancy.copying())
  execute function tenancy.verify_reserved();
create constraint trigger verify_begun after insert on events deferrable initially deferred for each row
  when (new.status = 'confirmed' and not tenancy.copying())
  execute function tenancy.verify_begun();
create trigger delete_history after delete on events
  for each row when (not tenancy.copying()) execute function tenancy.delete_history();
create trigger forget_entity after delete on events for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('event');
create trigger history_update after update on events for each row when (not tenancy.copying())
  execute function tenancy.record_change('title');
create trigger history_insert after insert on events for each row when (not tenancy.copying())
  execute function tenancy.record_change('title');
create trigger keep_checked_out before delete on events for each row when (not tenancy.copying())
  execute function tenancy.keep_event_checked_out();
create trigger keep_checked_out_hidden before update of deleted_at on events for each row
  when (new.deleted_at is not null and old.deleted_at is null and not tenancy.copying())
  execute function tenancy.keep_event_checked_out();
create trigger keep_span before update of start_date, end_date on events
  for each row when (not tenancy.copying()) execute function tenancy.keep_span();
create trigger move_deadlines after update of start_date on events for each row
  when (new.start_date is distinct from old.start_date and not tenancy.copying()) execute function tenancy.move_deadlines();
create trigger move_plans after update of start_date on events for each row
  when (new.start_date is distinct from old.start_date and new.start_date is not null and not tenancy.copying())
  execute function tenancy.move_plans();
create trigger place_dates after update of location_id on events
  for each row when (new.location_id is distinct from old.location_id and not tenancy.copying()) execute function tenancy.place_dates();
create trigger number_event before insert on events
  for each row when (not tenancy.copying()) execute function tenancy.number_event();
-- An emptied number is issued anew.
create trigger renumber before update of event_number on events
  for each row when (btrim(new.event_number) = '' and not tenancy.copying()) execute function tenancy.number_event();
create trigger stamp_cancelled before insert or update of status on events
  for each row when (not tenancy.copying()) execute function tenancy.stamp_cancelled();
create trigger write_outbox_event_updated_update after update on events for each row
  when (not tenancy.copying() and ((new.title, new.status, new.start_date, new.end_date, new.location_id, new.deleted_at)
      is distinct from (old.title, old.status, old.start_date, old.end_date, old.location_id, old.deleted_at)))
  execute function tenancy.write_outbox_event('event.updated', 'id');
create trigger write_outbox_event_cancelled_update after update on events for each row
  when (not tenancy.copying() and (new.status = 'cancelled') and not coalesce(old.status = 'cancelled', false))
  execute function tenancy.write_outbox_event('event.cancelled', 'id');
create trigger write_outbox_event_cancelled_insert after insert on events for each row
  when (not tenancy.copying() and new.status = 'cancelled')
  execute function tenancy.write_outbox_event('event.cancelled', 'id');
create trigger write_outbox_event_created_insert after insert on events for each row when (not tenancy.copying())
  execute function tenancy.write_outbox_event('event.created', 'id', 'opportunity_id', 'account_id');

create table event_dates (
  like tenancy.record including all,
  event_id uuid,
  opportunity_id uuid,
  event_date date not null check (event_date between '1990-01-01' and '2200-01-01'),
  -- Local times in `timezone`. A setup time later than the start is on the evening before; an end not later than the start is
  -- after midnight.
  setup_time time,
  start_time time not null,
  end_time time not null,
  teardown_minutes int not null default 0 check (teardown_minutes between 0 and 2880),
  timezone text not null default tenancy.default_timezone(),
  location_id uuid,
  status text not null default 'scheduled' check (status in ('scheduled', 'completed', 'cancelled')),
  notes text,
  -- From setup to the end of teardown; computed by a trigger.
  occupied tstzrange not null,
  cancelled_at timestamptz,
  constraint event_dates_belong check (event_id is not null or opportunity_id is not null),
  constraint event_dates_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade deferrable,
  constraint event_dates_location_id_fkey
    foreign key (tenant_id, location_id) references locations (tenant_id, id) on delete set null (location_id) deferrable,
  constraint event_dates_opportunity_id_fkey
    foreign key (tenant_id, opportunity_id) references opportunities (tenant_id, id) on delete cascade deferrable
);
create index on event_dates (tenant_id, event_id);
create index event_dates_tenant_id_opportunity_id_idx on event_dates (tenant_id, opportunity_id) include (event_date, status);
create index on event_dates (tenant_id, location_id);
create index on event_dates (tenant_id, event_date, start_time, id);

create trigger carry_assignments after update on event_dates
  for each row when (not tenancy.copying()) execute function tenancy.carry_assignments();
create trigger forget_entity after delete on event_dates for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('event_date');
create trigger history_update after update on event_dates for each row when (not tenancy.copying())
  execute function tenancy.record_change('event_date');
create trigger history_delete after delete on event_dates for each row when (not tenancy.copying())
  execute function tenancy.record_change('event_date');
create trigger history_insert after insert on event_dates for each row when (not tenancy.copying())
  execute function tenancy.record_change('event_date');
create trigger occupy before insert or update on event_dates
  for each row when (not tenancy.copying()) execute function tenancy.occupy();
create trigger stamp_released before insert or update of status on event_dates
  for each row when (not tenancy.copying()) execute function tenancy.stamp_released();
create trigger place_event after update of location_id on event_dates for each row
  when (new.event_id is not null and new.location_id is distinct from old.location_id and not tenancy.copying())
  execute function tenancy.place_event();
create trigger end_postponement after insert on event_dates for each row
  when (new.status = 'scheduled' and new.event_id is not null and not tenancy.copying()) execute function tenancy.end_postponement();
create trigger end_postponement_again after update of status on event_dates for each row
  when (new.status = 'scheduled' and old.status <> 'scheduled' and new.event_id is not null and not tenancy.copying())
  execute function tenancy.end_postponement();
create trigger span_event after insert or update or delete on event_dates
  for each row when (not tenancy.copying()) execute function tenancy.span_event();
create trigger write_outbox_event_updated_update after update on event_dates for each row
  when (not tenancy.copying() and (new.event_id is not null and (new.event_id, new.occupied, new.start_time, new.end_time,
      new.location_id, new.status) is distinct from (old.event_id, old.occupied, old.start_time, old.end_time, old.location_id, old.status)))
  execute function tenancy.write_outbox_event('event.updated', 'event_id');
create trigger write_outbox_event_updated_insert after insert on event_dates for each row
  when (not tenancy.copying() and new.event_id is not null)
  execute function tenancy.write_outbox_event('event.updated', 'event_id');

create table event_staff_assignments (
  like tenancy.record including all,
  event_id uuid not null,
  event_date_id uuid,
  user_id uuid not null,
  staff_role_id uuid not null,
  arrival_time time,
  start_time time,
  end_time time,
  -- From arrival to the end; computed by a trigger, null without a date.
  per tstzrange,
  status text not null default 'invited' check (status in
    ('invited', 'accepted', 'declined', 'confirmed', 'no_show', 'cancelled')),
  pay_type text not null default 'hourly' check (pay_type in ('hourly', 'flat')),
  rate_snapshot bigint check (rate_snapshot between 0 and 100000000),
  hours_actual numeric(6, 2) check (hours_actual between 0 and 1000),
  miles numeric(8, 1) check (miles >= 0),
  notes text,
  overbooked boolean not null default false,
  -- Null unless it is cancelled; set by a trigger, as that of dates and bookings.
  cancelled_at timestamptz,
  unique nulls not distinct (tenant_id, event_id, user_id, event_date_id, staff_role_id),
  -- A person may have two roles at one date, but not work at two dates at once.
  constraint event_staff_assignments_no_double_booking exclude using gist
    (tenant_id with =, user_id with =, event_date_id with <>, per with &&)
    where (status in ('accepted', 'confirmed') and not overbooked),
  constraint event_staff_assignments_event_date_id_fkey
    foreign key (tenant_id, event_date_id) references event_dates (tenant_id, id) on delete cascade deferrable,
  constraint event_staff_assignments_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade deferrable,
  constraint event_staff_assignments_staff_role_id_fkey
    foreign key (tenant_id, staff_role_id) references staff_roles (tenant_id, id) deferrable
);
create index on event_staff_assignments (tenant_id, event_date_id);
create index on event_staff_assignments (tenant_id, staff_role_id);
create index on event_staff_assignments (tenant_id, user_id, status);
create index event_staff_assignments_overbooked on event_staff_assignments (tenant_id, event_date_id) where overbooked;

create trigger book_person before insert or update on event_staff_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_person();
create trigger check_person before insert or update of user_id on event_staff_assignments for each row
  when (not tenancy.copying())
  execute function tenancy.check_person('user_id');
create trigger ease_overbooking after update on event_staff_assignments for each row
  when (not tenancy.copying() and (old.status <> new.status or old.per is distinct from new.per or old.user_id <> new.user_id))
  execute function tenancy.ease_overbooking('user_id');
create trigger ease_overbooking_deleted after delete on event_staff_assignments for each row when (not tenancy.copying())
  execute function tenancy.ease_overbooking('user_id');
-- After book_person, which computes `per`: triggers fire in the order of their names.
create trigger follow_rate before update on event_staff_assignments
  for each row when (not tenancy.copying()) execute function tenancy.follow_rate();
create trigger history_update after update on event_staff_assignments for each row when (not tenancy.copying())
  execute function tenancy.record_change('user_id', 'staff_role_id', 'event_date_id');
create trigger history_delete after delete on event_staff_assignments for each row when (not tenancy.copying())
  execute function tenancy.record_change('user_id', 'staff_role_id', 'event_date_id');
create trigger history_insert after insert on event_staff_assignments for each row when (not tenancy.copying())
  execute function tenancy.record_change('user_id', 'staff_role_id', 'event_date_id');
-- After book_person, which computes `per` and `overbooked`: triggers fire in the order of their names.
create trigger notify_of_invitation after insert on event_staff_assignments for each row
  when (new.status = 'invited' and not tenancy.copying()) execute function tenancy.notify_of_invitation();
create trigger notify_of_shift after update on event_staff_assignments for each row
  when (not tenancy.copying() and coalesce(greatest(upper(old.per), upper(new.per)), 'infinity') > now() and (
    old.status in ('invited', 'accepted', 'confirmed') and (new.status = 'cancelled' or new.status in ('invited', 'accepted', 'confirmed')
      and (old.per is distinct from new.per or old.user_id <> new.user_id))
    or old.status = 'cancelled' and new.status = 'invited'))
  execute function tenancy.notify_of_shift();
create trigger notify_of_shift_deleted after delete on event_staff_assignments for each row
  when (not tenancy.copying() and coalesce(upper(old.per), 'infinity') > now() and old.status in ('invited', 'accepted', 'confirmed'))
  execute function tenancy.notify_of_shift();
create trigger respect_time_off before insert or update on event_staff_assignments
  for each row when (new.status in ('invited', 'accepted', 'confirmed') and not tenancy.copying())
  execute function tenancy.respect_time_off();
create trigger stamp_released before insert or update of status on event_staff_assignments
  for each row when (not tenancy.copying()) execute function tenancy.stamp_released();
create trigger write_outbox_shift_changed_insert after insert on event_staff_assignments for each row when (not tenancy.copying())
  execute function tenancy.write_outbox_event('shift.changed', 'id', 'event_id', 'user_id');
create trigger write_outbox_shift_changed_update after update on event_staff_assignments for each row
  when (not tenancy.copying() and ((new.status, new.user_id, new.event_date_id, new.per, new.staff_role_id)
      is distinct from (old.status, old.user_id, old.event_date_id, old.per, old.staff_role_id)))
  execute function tenancy.write_outbox_event('shift.changed', 'id', 'event_id', 'user_id');
create trigger write_outbox_shift_changed_delete after delete on event_staff_assignments for each row when (not tenancy.copying())
  execute function tenancy.write_outbox_event('shift.changed', 'id', 'event_id', 'user_id');

-- Everyone answers their own invitations: a company without staff has others work at its events.
select tenancy.protect('event_staff_assignments', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager,sales,staff,viewer}', deletes => '{owner,admin,manager}',
  staff_rows => $$user_id = (select tenancy.current_user_id())$$, sales_rows => $$user_id = (select tenancy.current_user_id())$$,
  viewer_rows => $$user_id = (select tenancy.current_user_id())$$, costs => '{rate_snapshot}',
  system_columns => '{per,overbooked,cancelled_at}', user_updates => '{status,hours_actual,miles,notes}');

-- Which rows staff see depends on their assignments, so these two tables are protected after that one.
select tenancy.protect('events', reads => '{owner,admin,manager,sales,staff,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}',
  staff_rows => tenancy.own_event('events.id'),
  system_columns => '{payment_status_id,portal_token_hash,cancelled_at,postponed_at,briefed_at}');

-- Found by search_records.
create index events_search on events using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(title, '') || ' ' || coalesce(event_number, '')
    || ' ' || coalesce(onsite_contact_name, ''))) gin_trgm_ops);
create policy tenant_search on events for select to tenant_search using (true);
grant select (tenant_id, id, title, event_number, onsite_contact_name, deleted_at) on events to tenant_search;

select tenancy.protect('event_dates', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager,sales}',
  staff_rows => tenancy.own_event('event_dates.event_id'),
  sales_rows => $$event_id is null$$, system_columns => '{occupied,cancelled_at}');

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
  -- The deadlines were set by hand: they stay when the event moves.
  dates_by_hand boolean not null default false,
  task_id uuid,
  product_id uuid,
  revision_count int not null default 0 check (revision_count >= 0),
  proof_token_hash text,
  approved_at timestamptz,
  approved_by_name text,
  client_notes text,
  internal_notes text,
  constraint event_design_items_design_item_type_id_fkey
    foreign key (tenant_id, design_item_type_id) references design_item_types (tenant_id, id) deferrable,
  constraint event_design_items_design_status_id_fkey
    foreign key (tenant_id, design_status_id) references design_statuses (tenant_id, id)
      on delete set null (design_status_id) deferrable,
  constraint event_design_items_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade deferrable,
  constraint event_design_items_product_id_fkey
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete set null (product_id) deferrable
);
create index on event_design_items (tenant_id, event_id);
create index on event_design_items (tenant_id, design_item_type_id);
create index on event_design_items (tenant_id, design_status_id);
create index on event_design_items (tenant_id, product_id);
create index on event_design_items (tenant_id, due_date, id);
create index on event_design_items (tenant_id, designer_id, due_date);
create unique index event_design_items_proof_token on event_design_items (tenant_id, proof_token_hash)
  where proof_token_hash is not null;
create index on event_design_items (tenant_id, task_id);

create trigger check_person before insert or update of designer_id on event_design_items for each row when (not tenancy.copying())
  execute function tenancy.check_person('designer_id');
create trigger date_design before insert or update on event_design_items
  for each row when (not tenancy.copying()) execute function tenancy.date_design();
create trigger forget_entity after delete on event_design_items for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('event_design_item');
create trigger history_update after update on event_design_items for each row when (not tenancy.copying())
  execute function tenancy.record_change('name');
create trigger history_delete after delete on event_design_items for each row when (not tenancy.copying())
  execute function tenancy.record_change('name');
create trigger history_insert after insert on event_design_items for each row when (not tenancy.copying())
  execute function tenancy.record_change('name');

select tenancy.protect('event_design_items', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager,staff}', deletes => '{owner,admin,manager}',
  staff_rows => '(' || tenancy.own_event('event_design_items.event_id') || $$ or designer_id = (select tenancy.current_user_id()))$$,
  system_columns => '{revision_count,proof_token_hash,approved_at,approved_by_name}',
  user_updates => '{design_status_id,client_notes,internal_notes}');

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
  notes text,
  constraint event_custom_items_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade deferrable
);
create index on event_custom_items (tenant_id, event_id);
create index on event_custom_items (tenant_id, due_date, id);

create trigger check_email before insert or update of vendor_email on event_custom_items for each row when (not tenancy.copying())
  execute function tenancy.check_email('vendor_email');
create trigger history_update after update on event_custom_items for each row when (not tenancy.copying())
  execute function tenancy.record_change('name');
create trigger history_delete after delete on event_custom_items for each row when (not tenancy.copying())
  execute function tenancy.record_change('name');
create trigger history_insert after insert on event_custom_items for each row when (not tenancy.copying())
  execute function tenancy.record_change('name');

select tenancy.protect('event_custom_items', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}',
  staff_rows => tenancy.own_event('event_custom_items.event_id'),
  costs => '{cost}');

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
  constraint event_core_task_completed check (is_completed = (completed_at is not null)),
  constraint event_core_task_completion_core_task_template_id_fkey
    foreign key (tenant_id, core_task_template_id) references core_task_templates (tenant_id, id)
      on delete set null (core_task_template_id) deferrable,
  constraint event_core_task_completion_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade deferrable
);
create index on event_core_task_completion (tenant_id, core_task_template_id);

create trigger history_update after update on event_core_task_completion for each row when (not tenancy.copying())
  execute function tenancy.record_change('name_snapshot');
create trigger history_delete after delete on event_core_task_completion for each row when (not tenancy.copying())
  execute function tenancy.record_change('name_snapshot');
create trigger stamp_completion before insert or update on event_core_task_completion
  for each row when (not tenancy.copying()) execute function tenancy.stamp_completion();

select tenancy.protect('event_core_task_completion', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager}', updates => '{owner,admin,manager,staff}', deletes => '{owner,admin,manager}',
  staff_rows => tenancy.own_event('event_core_task_completion.event_id'),
  system_columns => '{completed_at,completed_by}', user_updates => '{is_completed,notes}');
