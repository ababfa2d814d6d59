-- The history of records: who changed what, written by triggers in the transaction of the change, by whatever way it is made.
create table tenancy.changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  -- The event in whose history it stands, and the record on whose page it stands: for a line of a quote the quote, for a payment its
  -- invoice, for a booking the booth or item. What belongs to an event alone has the event as both.
  event_id uuid,
  record_id uuid not null,
  -- The table and row that changed, and the columns by which people know it, as they were then.
  entity text not null,
  entity_id uuid not null,
  subject jsonb not null,
  action text not null check (action in ('added', 'changed', 'removed')),
  -- {column: [before, after]}; empty for a row that was added or removed: the subject describes it.
  columns jsonb not null default '{}',
  changed_at timestamptz not null default clock_timestamp(),
  changed_by uuid,
  -- How the change was made, if not by a user.
  changed_through text check (changed_through in ('client_link')),
  primary key (tenant_id, id)
);
create index on tenancy.changes (tenant_id, event_id, changed_at, id) where event_id is not null;
create index on tenancy.changes (tenant_id, record_id, changed_at, id);

select tenancy.protect_internal('tenancy.changes');

-- Events and what belongs to them record their changes where they are defined. Of other records, what was changed since they were added;
-- who added one stands in its row.
do $triggers$
declare
  kind name;
begin
  foreach kind in array tenancy.kinds_with_history() loop
    continue when kind = 'events';
    if kind not in ('invoices', 'contracts') then
      execute format('create trigger history_update after update on public.%I for each row when (not tenancy.copying()) '
        'execute function tenancy.record_change()', kind);
    end if;
    execute format('create trigger delete_history after delete on public.%I for each row when (not tenancy.copying()) '
      'execute function tenancy.delete_history()', kind);
  end loop;
  foreach kind in array '{opportunity_line_items,quote_line_items,invoice_line_items}'::name[] loop
    execute format('create trigger history after insert or update or delete on public.%I for each row when (not tenancy.copying()) '
      'execute function tenancy.record_change(''name'')', kind);
  end loop;
end
$triggers$;
create trigger history after insert or update or delete on public.contact_accounts for each row when (not tenancy.copying())
  execute function tenancy.record_change('account_id', 'role');
-- Settings that a user changes; those that a new company begins with are no change.
create trigger history after insert or update or delete on public.tenant_settings for each row
  when (not tenancy.copying() and tenancy.current_user_id() is not null) execute function tenancy.record_change('key');
create trigger history after insert or update or delete on public.user_pay_rate_history for each row when (not tenancy.copying())
  execute function tenancy.record_change('staff_role_id', 'rate', 'effective');
create trigger history after insert or update or delete on tenancy.time_off for each row when (not tenancy.copying())
  execute function tenancy.record_change('reason', 'first_day', 'last_day');
