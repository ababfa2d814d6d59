-- Only people who work here are assigned, and only what belongs to a booth comes back with it.

-- Whether somebody may sign in today, as the application said last (`record_roles`). Of a tenant of whose people it said nothing yet,
-- such as one made by a script, everybody may.
create function tenancy.works_here(person uuid) returns boolean
  language sql stable
  return exists (select from public.user_role_history h
      where h.tenant_id = tenancy.current_tenant() and h.user_id = person and h.effective @> tenancy.today())
    or not exists (select from public.user_role_history h where h.tenant_id = tenancy.current_tenant());
select tenancy.grant_internals('tenancy.works_here(uuid)');

-- Who may sign in today and as what, as `record_roles` was told last.
create function public.recorded_people() returns table (user_id uuid, role text)
  language sql stable
as $$
  select h.user_id, h.role from public.user_role_history h
    where h.tenant_id = tenancy.current_tenant() and h.effective @> tenancy.today()
$$;
select tenancy.expose(false, 'public.recorded_people()');

-- Arguments: the columns that name a person. Trusted code chooses from the application's own list, and brings in what was.
create function tenancy.check_person() returns trigger
  language plpgsql
as $$
declare
  caller name;
  before constant jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  after constant jsonb := to_jsonb(new);
  field text;
begin
  if current_user not in ('authenticated', 'authenticated_manager') then
    return new;
  end if;
  caller := tenancy.act_for_tenant();
  foreach field in array tg_argv loop
    if after ->> field is distinct from before ->> field and after ->> field is not null
      and not tenancy.works_here((after ->> field)::uuid) then
      perform tenancy.refuse(409, 'This person does not work here, or no longer does.', null, 'Choose one of your company''s people.');
    end if;
  end loop;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.check_person() from public;

do $people$
declare
  one record;
begin
  for one in
    select c.oid::regclass as tab, string_agg(quote_literal(a.attname), ', ' order by a.attname) as arguments,
      string_agg(quote_ident(a.attname), ', ' order by a.attname) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attname in ('user_id', 'assigned_to', 'designer_id', 'owner_id')
      -- Not whose pay it was or whose view it is.
      and c.relname not in ('user_role_history', 'user_pay_rate_history', 'user_integrations', 'saved_views')
    group by c.oid
  loop
    execute format('create trigger check_person before insert or update of %s on %s for each row when (not tenancy.copying()) '
      'execute function tenancy.check_person(%s)', one.columns, one.tab, one.arguments);
  end loop;
end
$people$;

-- Who is confirmed but no longer works here is missing.
do $readiness$
declare
  body text;
begin
  body := pg_get_functiondef('public.event_readiness(uuid, int)'::regprocedure);
  execute replace(body, 'a.status = ''confirmed'' and not a.overbooked)', 'a.status = ''confirmed'' and not a.overbooked and tenancy.works_here(a.user_id))');
  body := pg_get_functiondef('public.open_shifts(date, date)'::regprocedure);
  execute replace(body, 'x.status in (''invited'', ''accepted'', ''confirmed'')) a', 'x.status in (''invited'', ''accepted'', ''confirmed'') and tenancy.works_here(x.user_id)) a');
end
$readiness$;

-- What comes back missing or damaged is of the booth's kit or came with it.
create function tenancy.check_returned_kit() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  stranger text;
begin
  if jsonb_typeof(new.missing) <> 'array' or jsonb_typeof(new.damaged) <> 'array' then
    perform tenancy.refuse(400, 'What is missing or damaged is a list of ids of the booth''s equipment.');
  end if;
  select x.id into stranger from jsonb_array_elements_text(new.missing || new.damaged) x (id)
    where not exists (select from public.equipment_items i where i.tenant_id = new.tenant_id and i.id::text = x.id
      and (i.booth_id = new.booth_id or exists (select from public.equipment_assignments a
        where a.tenant_id = i.tenant_id and a.equipment_item_id = i.id and a.booth_assignment_id = new.id)))
    limit 1;
  if found then
    perform tenancy.refuse(409, format('%s is not on this booth.', coalesce((select i.asset_tag || ' ' || i.name
        from public.equipment_items i where i.tenant_id = new.tenant_id and i.id::text = stranger), left(stranger, 60))),
      null, 'Say what is missing or damaged of the booth''s own equipment.');
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.check_returned_kit() from public;
create trigger check_returned_kit before insert or update of missing, damaged on booth_assignments
  for each row when ((new.missing <> '[]' or new.damaged <> '[]') and not tenancy.copying())
  execute function tenancy.check_returned_kit();
