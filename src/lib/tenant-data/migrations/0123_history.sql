-- Who changed what of an event: written by triggers in the transaction that changes it, whoever does it and by whatever way.

create table tenancy.changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  event_id uuid not null,
  -- The table and the row that changed, and the columns by which people know that row, as they were then.
  entity text not null,
  entity_id uuid not null,
  subject jsonb not null,
  action text not null check (action in ('added', 'changed', 'removed')),
  -- {column: [before, after]}; of a row that was added or removed, the subject says enough.
  columns jsonb not null default '{}',
  changed_at timestamptz not null default clock_timestamp(),
  changed_by uuid,
  primary key (tenant_id, id)
);
create index on tenancy.changes (tenant_id, event_id, changed_at, id);

alter table tenancy.changes enable row level security, force row level security;
create policy tenant_service on tenancy.changes to tenant_service
  using (tenant_id = (select tenancy.current_tenant())) with check (tenant_id = (select tenancy.current_tenant()));
create policy tenant_mover on tenancy.changes to tenant_mover using (true) with check (true);
grant select, insert, update, delete on tenancy.changes to tenant_service, tenant_mover;

-- Arguments: the columns of the subject. What triggers keep, and what nobody reads, is no change.
create function tenancy.keep_change() returns trigger
  language plpgsql
as $$
declare
  silent constant text[] := '{tenant_id,id,created_at,updated_at,created_by,updated_by,version,occupied,per,overbooked,serialized,
    event_id,opportunity_id,checked_out_by,checked_in_by,completed_by,portal_token_hash,proof_token_hash,token_hash,body_sha256,
    signed_user_agent,bill_to,subtotal,discount,tax,balance,display_order,dates_by_hand,task_id,payment_status_id}';
  caller constant name := tenancy.act_for_tenant();
  was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  became constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  what constant jsonb := coalesce(became, was);
  whose uuid;
  changed jsonb := '{}';
begin
  whose := case tg_table_name
    when 'events' then what ->> 'id'
    when 'payments' then (select i.event_id::text from public.invoices i
      where i.tenant_id = (what ->> 'tenant_id')::uuid and i.id = (what ->> 'invoice_id')::uuid)
    else what ->> 'event_id' end;
  if tg_op = 'UPDATE' then
    select coalesce(jsonb_object_agg(n.key, jsonb_build_array(was -> n.key, n.value)), '{}') into changed
      from jsonb_each(became) n
      where n.key <> all (silent) and n.value is distinct from was -> n.key;
  end if;
  -- The whole of a text is kept in the row itself.
  changed := changed - 'body_html'::text;
  if whose is not null and (tg_op <> 'UPDATE' or changed <> '{}')
    -- With the event goes its history.
    and (tg_op <> 'DELETE' or exists (select from public.events e where e.tenant_id = (what ->> 'tenant_id')::uuid and e.id = whose)) then
    insert into tenancy.changes (tenant_id, event_id, entity, entity_id, subject, action, columns, changed_by)
      select (what ->> 'tenant_id')::uuid, whose, tg_table_name, (what ->> 'id')::uuid,
        coalesce((select jsonb_object_agg(s.name, what -> s.name) from unnest(tg_argv) as s (name)), '{}'),
        case tg_op when 'INSERT' then 'added' when 'UPDATE' then 'changed' else 'removed' end, changed,
        coalesce(tenancy.current_user_id(), case when tg_op <> 'DELETE' then (what ->> 'updated_by')::uuid end);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.keep_change() from public;

create function tenancy.forget_changes() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  delete from tenancy.changes c where c.tenant_id = old.tenant_id and c.event_id = old.id;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.forget_changes() from public;

do $watched$
declare
  w record;
begin
  for w in select * from (values
    ('events', '{title}', 'true'),
    ('event_dates', '{event_date}', 'true'),
    ('event_staff_assignments', '{user_id,staff_role_id,event_date_id}', 'true'),
    ('booth_assignments', '{booth_id,event_date_id}', 'true'),
    -- A kit comes and goes with its booth.
    ('equipment_assignments', '{equipment_item_id,event_date_id}', 'x.booth_assignment_id is null'),
    ('event_design_items', '{name}', 'true'),
    ('event_custom_items', '{name}', 'true'),
    ('event_core_task_completion', '{name_snapshot}', 'true'),
    ('invoices', '{invoice_number}', 'true'),
    ('payments', '{kind,amount,currency}', 'true'),
    ('contracts', '{contract_number,title}', 'true')
  ) as t (tab, subject, condition) loop
    -- A checklist is made as a whole, and says so by being there.
    if w.tab <> 'event_core_task_completion' then
      execute format('create trigger keep_change_new after insert on %I for each row when (not tenancy.copying() and %s) execute function tenancy.keep_change(%s)',
        w.tab, replace(w.condition, 'x.', 'new.'), (select string_agg(quote_literal(s), ', ') from unnest(w.subject::text[]) s));
    end if;
    execute format('create trigger keep_change after update on %I for each row when (not tenancy.copying() and %s) execute function tenancy.keep_change(%s)',
      w.tab, replace(w.condition, 'x.', 'new.'), (select string_agg(quote_literal(s), ', ') from unnest(w.subject::text[]) s));
    if w.tab <> 'events' then
      execute format('create trigger keep_change_gone after delete on %I for each row when (not tenancy.copying() and %s) execute function tenancy.keep_change(%s)',
        w.tab, replace(w.condition, 'x.', 'old.'), (select string_agg(quote_literal(s), ', ') from unnest(w.subject::text[]) s));
    end if;
  end loop;
end
$watched$;
create trigger forget_changes after delete on events
  for each row when (not tenancy.copying()) execute function tenancy.forget_changes();

-- What ids in a change stand for, where they stand for rows: {id: name}. People are the application's.
create function tenancy.names_of(ids uuid[]) returns jsonb
  language sql stable
as $$
  select coalesce(jsonb_object_agg(n.id, n.name), '{}') from (
    select a.id, a.name from public.accounts a where a.tenant_id = (select tenancy.current_tenant()) and a.id = any (ids)
    union all select c.id, concat_ws(' ', c.first_name, c.last_name) from public.contacts c where c.tenant_id = (select tenancy.current_tenant()) and c.id = any (ids)
    union all select l.id, l.name from public.locations l where l.tenant_id = (select tenancy.current_tenant()) and l.id = any (ids)
    union all select x.id, x.name from public.event_categories x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.event_types x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.event_date::text from public.event_dates x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.staff_roles x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.booths x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.asset_tag || ' ' || x.name from public.equipment_items x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.design_item_types x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.design_statuses x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.products x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.templates x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
  ) n
$$;

-- An event's history, newest first, with what its ids stand for. Whoever sees the event sees it, without what is hidden from
-- their role: pay and cost are the managers', money and contracts are not the crew's, and the crew see their own shifts only.
--   before, before_id   the last row of the page before
create function public.event_history(event_id uuid, before timestamptz default null, before_id uuid default null, most int default 30)
  returns table (id uuid, entity text, entity_id uuid, subject jsonb, action text, columns jsonb, changed_at timestamptz,
    changed_by uuid, names jsonb)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  costs constant text[] := case when tenancy.manages() then '{}' else '{rate_snapshot,cost,fee}'::text[] end;
  -- Trusted code has no role.
  is_crew constant boolean := coalesce(tenancy.current_user_role() = 'staff', false);
  mine uuid[] := '{}';
  caller name;
begin
  if not exists (select from public.events e where e.tenant_id = tenancy.current_tenant() and e.id = event_history.event_id) then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  if is_crew then
    mine := array(select a.id from public.event_staff_assignments a where a.tenant_id = tenancy.current_tenant()
      and a.event_id = event_history.event_id);
  end if;
  caller := tenancy.act_for_tenant();
  return query
  with page as materialized (
    select c.id, c.entity, c.entity_id, c.subject, c.action, c.columns - costs as columns, c.changed_at, c.changed_by
    from tenancy.changes c
    where c.tenant_id = (select tenancy.current_tenant()) and c.event_id = event_history.event_id
      and (before is null or (c.changed_at, c.id) < (before, coalesce(before_id, '00000000-0000-0000-0000-000000000000')))
      and (c.action <> 'changed' or c.columns - costs <> '{}')
      and (not is_crew or c.entity in ('events', 'event_dates', 'booth_assignments', 'equipment_assignments', 'event_design_items',
        'event_custom_items', 'event_core_task_completion') or c.entity = 'event_staff_assignments' and c.entity_id = any (mine))
    order by c.changed_at desc, c.id desc limit least(greatest(most, 1), 200)
  ), named as (
    select tenancy.names_of(array(
      select distinct v.value::uuid from page p
      cross join lateral (
        select s.value #>> '{}' as value from jsonb_each(p.subject) s
        union all select x.value #>> '{}' from jsonb_each(p.columns) s cross join lateral jsonb_array_elements(s.value) x
      ) v where v.value ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$')) as names
  )
  select p.id, p.entity, p.entity_id, p.subject, p.action, p.columns, p.changed_at, p.changed_by, named.names
  from page p cross join named order by p.changed_at desc, p.id desc;
  perform tenancy.act_as(caller);
end
$$;

select tenancy.grant_internals('tenancy.names_of(uuid[])');
select tenancy.expose(true, 'public.event_history(uuid, timestamptz, uuid, int)');

-- A tenant that moves takes along its people's time off and its events' history.
create or replace function tenancy.movable_tables() returns setof regclass
  language sql stable
as $$
  select c.oid::regclass
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] and a.attname = 'tenant_id'
    where c.relkind = 'r'
      and (n.nspname = 'public' or n.nspname = 'tenancy' and c.relname in ('outbox', 'external_rows', 'time_off', 'changes'))
    order by n.nspname, c.relname
$$;
