-- What other systems have to be told. A change writes it down in its own transaction, whoever made it and by whatever
-- way: the API, a function, a script. Marquee takes it from here to webhooks and connected services, and moves carry it.

-- Rows by id only: what happened, to which rows. Ordered by `occurred_at` within a tenant.
create table tenancy.outbox (
  tenant_id uuid not null,
  id uuid not null,
  -- `invoice.paid`, …
  type text not null,
  -- {"invoice_id": …}
  rows jsonb not null,
  occurred_at timestamptz not null default pg_catalog.clock_timestamp(),
  primary key (tenant_id, id)
);
create index on tenancy.outbox (tenant_id, occurred_at, id);

-- What a row is called in a connected service, so that it is made there once and changed from then on.
create table tenancy.external_rows (
  tenant_id uuid not null,
  -- The service and the account there: `quickbooks:<company>`.
  system text not null,
  entity_id uuid not null,
  external_id text not null,
  -- The row's `version` as it was sent last.
  version int not null,
  primary key (tenant_id, system, entity_id)
);

do $outbox$
declare
  target regclass;
begin
  foreach target in array array['tenancy.outbox', 'tenancy.external_rows']::regclass[] loop
    execute format('alter table %s enable row level security, force row level security', target);
    execute format('create policy tenant_service on %s to tenant_service using (tenant_id = (select tenancy.current_tenant())) '
      'with check (tenant_id = (select tenancy.current_tenant()))', target);
    execute format('create policy tenant_mover on %s to tenant_mover using (true) with check (true)', target);
    execute format('grant select, insert, update, delete on %s to tenant_service, tenant_mover', target);
  end loop;
end
$outbox$;

-- Arguments: the type, then the names of columns whose ids go along. Told once a transaction. Nobody listens to most
-- tenants: nothing is written down for them.
create function tenancy.tell() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  changed constant jsonb := to_jsonb(case tg_op when 'DELETE' then old else new end);
  named jsonb;
begin
  if exists (select from public.user_integrations i where i.tenant_id = (changed ->> 'tenant_id')::uuid
      and (i.provider like 'webhook:%' or i.provider in ('google', 'quickbooks'))) then
    select jsonb_object_agg(case a.name when 'id' then split_part(tg_argv[0], '.', 1) || '_id' else a.name end,
        changed -> a.name) filter (where changed ->> a.name is not null)
      into named from unnest(tg_argv[1:]) as a (name);
    insert into tenancy.outbox (tenant_id, id, type, rows)
      values ((changed ->> 'tenant_id')::uuid, md5(concat(tg_argv[0], named, now()))::uuid, tg_argv[0], named)
      on conflict do nothing;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.tell() from public;

-- What is told: on inserts where a condition on the new row holds, on updates where it begins to hold.
do $told$
declare
  one record;
  columns text;
  told int := 0;
begin
  for one in select * from (values
    ('leads', 'lead.created', 'insert', 'true', '{id}'),
    ('leads', 'lead.converted', 'both', 'x.status = ''converted''', '{id,converted_account_id,converted_contact_id,converted_opportunity_id}'),
    ('opportunities', 'opportunity.created', 'insert', 'true', '{id,account_id,contact_id}'),
    ('opportunities', 'opportunity.closed', 'both', 'x.closed_at is not null', '{id,account_id,contact_id}'),
    ('quotes', 'quote.sent', 'both', 'x.status = ''sent''', '{id,opportunity_id}'),
    ('quotes', 'quote.accepted', 'both', 'x.status = ''accepted''', '{id,opportunity_id}'),
    ('quotes', 'quote.declined', 'both', 'x.status = ''declined''', '{id,opportunity_id}'),
    ('contracts', 'contract.signed', 'both', 'x.status = ''signed''', '{id,quote_id,opportunity_id}'),
    ('events', 'event.created', 'insert', 'true', '{id,opportunity_id,account_id}'),
    ('events', 'event.updated', 'update', '(new.title, new.status, new.start_date, new.end_date, new.location_id, new.deleted_at)
      is distinct from (old.title, old.status, old.start_date, old.end_date, old.location_id, old.deleted_at)', '{id}'),
    ('events', 'event.cancelled', 'both', 'x.status = ''cancelled''', '{id}'),
    ('event_dates', 'event.updated', 'update', 'new.event_id is not null and (new.event_id, new.occupied, new.start_time, new.end_time,
      new.location_id, new.status) is distinct from (old.event_id, old.occupied, old.start_time, old.end_time, old.location_id, old.status)',
      '{event_id}'),
    ('event_dates', 'event.updated', 'insert', 'new.event_id is not null', '{event_id}'),
    ('event_staff_assignments', 'shift.changed', 'insert', 'true', '{id,event_id,user_id}'),
    ('event_staff_assignments', 'shift.changed', 'update', '(new.status, new.user_id, new.event_date_id, new.per, new.staff_role_id)
      is distinct from (old.status, old.user_id, old.event_date_id, old.per, old.staff_role_id)', '{id,event_id,user_id}'),
    ('event_staff_assignments', 'shift.changed', 'delete', 'true', '{id,event_id,user_id}'),
    ('invoices', 'invoice.sent', 'both', 'x.status in (''sent'', ''partially_paid'', ''paid'')', '{id,account_id,event_id}'),
    ('invoices', 'invoice.paid', 'both', 'x.status = ''paid''', '{id,account_id,event_id}'),
    ('invoices', 'invoice.voided', 'both', 'x.status = ''void''', '{id,account_id,event_id}'),
    ('payments', 'payment.received', 'both', 'x.kind = ''payment'' and x.status = ''succeeded''', '{id,invoice_id}'),
    ('payments', 'payment.refunded', 'both', 'x.kind = ''refund'' and x.status = ''succeeded''', '{id,invoice_id}'),
    ('payments', 'payment.failed', 'both', 'x.status = ''failed''', '{id,invoice_id}'),
    ('accounts', 'account.created', 'insert', 'true', '{id}'),
    ('accounts', 'account.updated', 'update', 'to_jsonb(new) - ''{version,updated_at,updated_by}''::text[]
      <> to_jsonb(old) - ''{version,updated_at,updated_by}''::text[]', '{id}')
  ) as t (tab, type, operation, condition, columns) loop
    told := told + 1;
    select string_agg(quote_literal(c), ', ') into columns from unnest(one.columns::text[]) c;
    if one.operation in ('insert', 'both') then
      execute format('create trigger %I after insert on %I for each row when (not tenancy.copying() and (%s)) execute function tenancy.tell(%L, %s)',
        'tell_' || told || '_new', one.tab, replace(one.condition, 'x.', 'new.'), one.type, columns);
    end if;
    if one.operation in ('update', 'both') then
      execute format('create trigger %I after update on %I for each row when (not tenancy.copying() and (%s)) execute function tenancy.tell(%L, %s)',
        'tell_' || told, one.tab, case one.operation when 'update' then one.condition else
          format('(%s) and not coalesce(%s, false)', replace(one.condition, 'x.', 'new.'), replace(one.condition, 'x.', 'old.')) end,
        one.type, columns);
    elsif one.operation = 'delete' then
      execute format('create trigger %I after delete on %I for each row when (not tenancy.copying()) execute function tenancy.tell(%L, %s)',
        'tell_' || told, one.tab, one.type, columns);
    end if;
  end loop;
end
$told$;

-- As before; and taken from `anon` too, which Supabase gives every new function.
create or replace function tenancy.expose(users boolean, variadic functions regprocedure[]) returns void
  language plpgsql volatile
as $$
declare
  one regprocedure;
begin
  foreach one in array functions loop
    execute pg_catalog.format('revoke execute on function %s from public', one);
    execute pg_catalog.format('grant execute on function %s to tenant_service', one);
    if users then
      execute pg_catalog.format('grant execute on function %s to authenticated, authenticated_manager', one);
    end if;
    if exists (select from pg_catalog.pg_roles where rolname = 'anon') then
      execute pg_catalog.format('revoke execute on function %s from anon', one);
    end if;
  end loop;
end
$$;

-- The oldest of what is to be told. It stays until `forget_told`: told twice is better than never.
create function public.to_be_told(most int) returns table (id uuid, type text, rows jsonb, occurred_at timestamptz)
  language sql stable
begin atomic
  select o.id, o.type, o.rows, o.occurred_at from tenancy.outbox o
    where o.tenant_id = tenancy.current_tenant() order by o.occurred_at, o.id limit most;
end;

create function public.forget_told(ids uuid[]) returns void
  language sql volatile
begin atomic
  delete from tenancy.outbox o where o.tenant_id = tenancy.current_tenant() and o.id = any (ids);
end;

create function public.external_rows(system text, ids uuid[]) returns table (entity_id uuid, external_id text, version int)
  language sql stable
begin atomic
  select e.entity_id, e.external_id, e.version from tenancy.external_rows e
    where e.tenant_id = tenancy.current_tenant() and e.system = external_rows.system and e.entity_id = any (ids);
end;

create function public.keep_external_row(system text, entity_id uuid, external_id text, version int) returns void
  language sql volatile
begin atomic
  insert into tenancy.external_rows as e (tenant_id, system, entity_id, external_id, version)
    values (tenancy.current_tenant(), keep_external_row.system, keep_external_row.entity_id, keep_external_row.external_id,
      keep_external_row.version)
    on conflict on constraint external_rows_pkey do update set external_id = excluded.external_id, version = excluded.version;
end;

select tenancy.expose(false, 'public.to_be_told(int)', 'public.forget_told(uuid[])', 'public.external_rows(text, uuid[])',
  'public.keep_external_row(text, uuid, text, int)');
