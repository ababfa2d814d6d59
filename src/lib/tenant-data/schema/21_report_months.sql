-- needs tenancy.note_report_changes() tenancy.note_report_change()

-- What reports say of each month, added up, for tenants of a size at which reading the rows takes long. A month counts while no
-- change of it is noted. See docs/decisions/0052.
create table tenancy.report_months (
  tenant_id uuid not null,
  report text not null,
  -- Its first day.
  month date not null,
  -- The report's rows.
  stored jsonb not null,
  added_up_at timestamptz not null default now(),
  primary key (tenant_id, report, month)
);

select tenancy.protect_internal('tenancy.report_months');

-- Months whose rows changed since they were added up. Rows are only added, so that writers never wait for each other.
create table tenancy.report_changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  -- Null: all months.
  month date,
  primary key (tenant_id, id)
);
create index on tenancy.report_changes (tenant_id, month);

select tenancy.protect_internal('tenancy.report_changes');

-- Tenants whose changes are noted, and since when.
create table tenancy.report_upkeep (
  tenant_id uuid not null,
  -- Start of the server and the database: transaction numbers are only comparable within one.
  origin text not null,
  -- Transactions from this one on note their changes.
  noted_from bigint,
  -- A digest of the functions that added the months up.
  formulas text,
  primary key (tenant_id, origin)
);

select tenancy.protect_internal('tenancy.report_upkeep');

-- What reports read of a row; other changes are not noted.
select tenancy.note_report_changes('invoices', $$r.event_id, r.issue_date, r.currency, r.status in ('draft', 'void'), r.status = 'void',
    case r.status when 'written_off' then r.paid end, r.subtotal, r.discount, r.total, r.credited, r.rounding, r.taxes, r.tax_place$$),
  tenancy.note_report_changes('payments', $$r.invoice_id, r.kind, r.amount, r.currency, r.method = 'credit', r.status = 'succeeded', r.paid_at, r.fee$$),
  tenancy.note_report_changes('leads', $$r.created_at, r.source, r.status = 'converted'$$),
  tenancy.note_report_changes('opportunities', $$r.closed_at, r.stage, r.currency, r.amount, r.created_at, r.lead_id$$),
  tenancy.note_report_changes('events', $$r.start_date, r.deleted_at is null, r.status in ('confirmed', 'in_progress', 'completed')$$),
  tenancy.note_report_changes('event_dates', $$r.event_date, r.event_id, r.status = 'cancelled'$$),
  tenancy.note_report_changes('booth_assignments', $$r.event_date_id, r.booth_id, r.status in ('reserved', 'checked_out', 'returned')$$),
  tenancy.note_report_changes('equipment_assignments',
    $$r.event_date_id, r.equipment_item_id, r.quantity, r.status in ('reserved', 'checked_out', 'returned')$$),
  tenancy.note_report_changes('event_staff_assignments', $$r.event_id, r.event_date_id, r.user_id, r.staff_role_id, r.per,
    r.status in ('accepted', 'confirmed'), r.pay_type, r.rate_snapshot, r.hours_actual, r.miles$$),
  tenancy.note_report_changes('event_custom_items', $$r.event_id, r.cost$$),
  tenancy.note_report_changes('equipment_items', $$r.quantity$$, new_rows => false),
  tenancy.note_report_changes('staff_roles', $$r.default_rate$$, new_rows => false),
  tenancy.note_report_changes('user_pay_rate_history', $$r.user_id, r.staff_role_id, r.pay_type, r.rate, r.effective$$),
  tenancy.note_report_changes('tenant_settings',
    $$r.key, r.value$$);
