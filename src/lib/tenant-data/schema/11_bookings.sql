-- Booths and equipment booked for a date. Exclusion constraints prevent double booking; triggers compute the ranges, name the
-- conflict, and move bookings along with their date.

create table booth_assignments (
  like tenancy.record including all,
  event_date_id uuid not null,
  event_id uuid,
  booth_id uuid not null,
  -- The date's `occupied` and the booth type's buffers around it; computed by a trigger.
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
  overbooked boolean not null default false,
  cancelled_at timestamptz,
  constraint booth_assignments_hold check ((status = 'hold') = (hold_expires_at is not null) or status = 'cancelled'),
  constraint booth_assignments_no_double_booking exclude using gist
    (tenant_id with =, booth_id with =, per with &&) where (status in ('hold', 'reserved', 'checked_out') and not overbooked),
  constraint booth_assignments_booth_id_fkey
    foreign key (tenant_id, booth_id) references booths (tenant_id, id) deferrable,
  constraint booth_assignments_event_date_id_fkey
    foreign key (tenant_id, event_date_id) references event_dates (tenant_id, id) on delete cascade deferrable,
  constraint booth_assignments_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade deferrable
);
create index on booth_assignments (tenant_id, event_date_id);
create index on booth_assignments (tenant_id, event_id);
create index on booth_assignments (tenant_id, booth_id);
-- What is out or planned: a booth of ten years has a thousand bookings that are over.
create index booth_assignments_open on booth_assignments (tenant_id, booth_id) where status in ('reserved', 'checked_out');
create index on booth_assignments (tenant_id, hold_expires_at) where status = 'hold';
create index booth_assignments_overbooked on booth_assignments (tenant_id, event_date_id) where overbooked;

create trigger book_booth before insert or update on booth_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_booth();
create trigger book_kit after insert or update of booth_id, event_id, event_date_id, status, hold_expires_at on booth_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_kit();
create trigger check_returned_kit before insert or update of missing, damaged on booth_assignments
  for each row when ((new.missing <> '[]' or new.damaged <> '[]') and not tenancy.copying())
  execute function tenancy.check_returned_kit();
create trigger ease_overbooking after update on booth_assignments for each row
  when (not tenancy.copying() and (old.status <> new.status or old.per is distinct from new.per or old.booth_id <> new.booth_id))
  execute function tenancy.ease_overbooking('booth_id');
create trigger ease_overbooking_deleted after delete on booth_assignments for each row when (not tenancy.copying())
  execute function tenancy.ease_overbooking('booth_id');
create trigger history_update after update on booth_assignments for each row when (not tenancy.copying())
  execute function tenancy.record_change('booth_id', 'event_date_id');
create trigger history_delete after delete on booth_assignments for each row when (not tenancy.copying())
  execute function tenancy.record_change('booth_id', 'event_date_id');
create trigger history_insert after insert on booth_assignments for each row when (not tenancy.copying())
  execute function tenancy.record_change('booth_id', 'event_date_id');
create trigger keep_checked_out before delete on booth_assignments for each row
  when (old.status = 'checked_out' and not tenancy.copying()) execute function tenancy.keep_checked_out('booth_id');
create trigger keep_checked_out_by_hand before update of status, booth_id, event_date_id on booth_assignments for each row
  when (old.status = 'checked_out' and tenancy.is_user()
    and (new.status, new.booth_id, new.event_date_id) <> (old.status, old.booth_id, old.event_date_id) and not tenancy.copying())
  execute function tenancy.keep_checked_out('booth_id');
create trigger limit_hold before insert or update on booth_assignments
  for each row when (new.status = 'hold' and not tenancy.copying()) execute function tenancy.limit_hold();
create trigger mark_returned_kit after update of missing, damaged on booth_assignments for each row
  when ((new.missing, new.damaged) <> (old.missing, old.damaged) and (new.missing, new.damaged) <> ('[]', '[]') and not tenancy.copying())
  execute function tenancy.mark_returned_kit();
create trigger reserve before insert or update of status on booth_assignments for each row when (not tenancy.copying())
  execute function tenancy.reserve('checked_out,returned', 'check_out_booth or check_in_booth');
create trigger stamp_released before insert or update of status on booth_assignments
  for each row when (not tenancy.copying()) execute function tenancy.stamp_released();

select tenancy.protect('booth_assignments', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  staff_rows => tenancy.own_event('booth_assignments.event_id'),
  sales_rows => $$(event_id is null and status in ('hold', 'cancelled'))$$,
  system_columns => '{per,overbooked,checked_out_at,checked_out_by,checked_in_at,checked_in_by,condition,missing,damaged,
    cancelled_at}');

create table equipment_assignments (
  like tenancy.record including all,
  event_date_id uuid not null,
  event_id uuid,
  equipment_item_id uuid not null,
  -- The assignment of the booth whose kit it belongs to.
  booth_assignment_id uuid,
  quantity int not null default 1 check (quantity > 0),
  per tstzrange not null,
  -- The type's tracking when it was booked, since an exclusion constraint sees only its own row. Set by a trigger.
  serialized boolean not null default true,
  status text not null default 'reserved' check (status in ('hold', 'reserved', 'checked_out', 'returned', 'cancelled')),
  hold_expires_at timestamptz,
  checked_out_at timestamptz,
  checked_out_by uuid,
  checked_in_at timestamptz,
  checked_in_by uuid,
  condition text check (condition in ('excellent', 'good', 'fair', 'needs_repair')),
  notes text,
  overbooked boolean not null default false,
  cancelled_at timestamptz,
  constraint equipment_assignments_hold check
    ((status = 'hold') = (hold_expires_at is not null) or status = 'cancelled'),
  constraint equipment_assignments_no_double_booking exclude using gist
    (tenant_id with =, equipment_item_id with =, per with &&)
    where (serialized and status in ('hold', 'reserved', 'checked_out') and not overbooked),
  constraint equipment_assignments_booth_assignment_id_fkey
    foreign key (tenant_id, booth_assignment_id) references booth_assignments (tenant_id, id) on delete cascade deferrable,
  constraint equipment_assignments_equipment_item_id_fkey
    foreign key (tenant_id, equipment_item_id) references equipment_items (tenant_id, id) deferrable,
  constraint equipment_assignments_event_date_id_fkey
    foreign key (tenant_id, event_date_id) references event_dates (tenant_id, id) on delete cascade deferrable,
  constraint equipment_assignments_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade deferrable
);
create index on equipment_assignments (tenant_id, event_date_id);
create index on equipment_assignments (tenant_id, event_id);
create index on equipment_assignments (tenant_id, equipment_item_id);
create index equipment_assignments_open on equipment_assignments (tenant_id, equipment_item_id)
  where status in ('reserved', 'checked_out');
create index on equipment_assignments (tenant_id, booth_assignment_id);
create index on equipment_assignments (tenant_id, hold_expires_at) where status = 'hold';
create index equipment_assignments_overbooked on equipment_assignments (tenant_id, event_date_id) where overbooked;

create trigger book_equipment before insert or update on equipment_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_equipment();
create trigger ease_overbooking after update on equipment_assignments for each row
  when (not tenancy.copying()
    and (old.status <> new.status or old.per is distinct from new.per or old.equipment_item_id <> new.equipment_item_id))
  execute function tenancy.ease_overbooking('equipment_item_id');
create trigger ease_overbooking_deleted after delete on equipment_assignments for each row when (not tenancy.copying())
  execute function tenancy.ease_overbooking('equipment_item_id');
create trigger history_update after update on equipment_assignments for each row
  when (not tenancy.copying() and new.booth_assignment_id is null)
  execute function tenancy.record_change('equipment_item_id', 'event_date_id');
create trigger history_delete after delete on equipment_assignments for each row
  when (not tenancy.copying() and old.booth_assignment_id is null)
  execute function tenancy.record_change('equipment_item_id', 'event_date_id');
create trigger history_insert after insert on equipment_assignments for each row
  when (not tenancy.copying() and new.booth_assignment_id is null)
  execute function tenancy.record_change('equipment_item_id', 'event_date_id');
create trigger keep_checked_out before delete on equipment_assignments for each row
  when (old.status = 'checked_out' and not tenancy.copying()) execute function tenancy.keep_checked_out('equipment_item_id');
create trigger keep_checked_out_by_hand before update of status, equipment_item_id, event_date_id on equipment_assignments for each row
  when (old.status = 'checked_out' and tenancy.is_user()
    and (new.status, new.equipment_item_id, new.event_date_id) <> (old.status, old.equipment_item_id, old.event_date_id)
    and not tenancy.copying())
  execute function tenancy.keep_checked_out('equipment_item_id');
create trigger limit_hold before insert or update on equipment_assignments
  for each row when (new.status = 'hold' and not tenancy.copying()) execute function tenancy.limit_hold();
create trigger reserve before insert or update of status on equipment_assignments for each row when (not tenancy.copying())
  execute function tenancy.reserve('checked_out,returned', 'check_out_equipment or check_in_equipment');
create trigger stamp_released before insert or update of status on equipment_assignments
  for each row when (not tenancy.copying()) execute function tenancy.stamp_released();

select tenancy.protect('equipment_assignments', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  staff_rows => tenancy.own_event('equipment_assignments.event_id'),
  sales_rows => $$(event_id is null and status in ('hold', 'cancelled'))$$,
  system_columns => '{booth_assignment_id,per,serialized,overbooked,checked_out_at,checked_out_by,checked_in_at,checked_in_by,
    condition,cancelled_at}');
