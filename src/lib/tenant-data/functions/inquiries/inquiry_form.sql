-- The public inquiry form. Its server code enters the tenant as a user with the role `website`, which no policy names: it reads and
-- writes no table, and these functions are all that it can use.

-- What the form shows; null where the tenant has not switched it on.
create or replace function public.inquiry_form() returns jsonb
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  caller name;
  answer jsonb;
begin
  perform tenancy.require_role('website');
  caller := tenancy.act_for_tenant();
  if tenancy.setting('inquiry_form') ->> 'enabled' = 'true' then
    answer := jsonb_build_object('form', tenancy.setting('inquiry_form'), 'company', tenancy.setting('company'),
      'logo', tenancy.setting('logo'), 'locale', tenancy.setting('locale'), 'today', tenancy.today(),
      'event_types', (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name)
          order by c.display_order, t.display_order, t.name), '[]')
        from public.event_types t join public.event_categories c on c.tenant_id = t.tenant_id and c.id = t.category_id
        where t.tenant_id = tenant and t.is_active and c.is_active));
  end if;
  perform tenancy.act_as(caller);
  return answer;
end
$$;
select tenancy.expose(true, 'public.inquiry_form()');

-- Whether a day is free, likely (what is left is only on hold) or taken, where the tenant shows that; else null.
create or replace function public.inquiry_day(day date) returns text
  language plpgsql volatile
as $$
declare
  caller name;
  answer text;
begin
  perform tenancy.require_role('website');
  caller := tenancy.act_for_tenant();
  if tenancy.setting('inquiry_form') ->> 'enabled' = 'true' and tenancy.setting('inquiry_form') ->> 'shows_availability' = 'true'
    and day between tenancy.today() and tenancy.today() + 1096 then
    select case s.state when 'on_hold' then 'likely' when 'unknown' then null else s.state end into answer
      from public.day_states(array[day]) s;
  end if;
  perform tenancy.act_as(caller);
  return answer;
end
$$;
select tenancy.expose(true, 'public.inquiry_day(date)');
