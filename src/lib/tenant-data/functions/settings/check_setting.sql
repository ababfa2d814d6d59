-- Settings that functions read have the right shape. A pipeline keeps the stages that have deals.
create or replace function tenancy.check_setting() returns trigger language plpgsql as $$
declare
  value constant jsonb := case when tg_op <> 'DELETE' then new.value end;
  stages constant jsonb := value -> 'stages';
  stage jsonb;
  left_over record;
  problem text;
begin
  if tg_op = 'DELETE' then
    if old.key = 'pipeline' then
      perform tenancy.refuse(409, 'Deals need a pipeline.', null, 'Change its stages instead.');
    end if;
    return old;
  elsif tg_op = 'UPDATE' and new.key <> old.key then
    perform tenancy.refuse(400, 'The key of a setting cannot change.');
  end if;
  case new.key
    when 'pipeline' then
      if jsonb_typeof(stages) is distinct from 'array' then
        problem := 'it has no list of stages';
      else
        for stage in select * from jsonb_array_elements(stages) loop
          if jsonb_typeof(stage) <> 'object' or coalesce(stage ->> 'key', '') !~ '^[a-z][a-z0-9_]*$' or coalesce(stage ->> 'name', '') = ''
            or coalesce(stage ->> 'probability', '') !~ '^(100|[0-9]{1,2})$'
            or coalesce(stage ->> 'kind', '') not in ('open', 'won', 'lost') then
            problem := format('a stage needs key, name, probability from 0 to 100 and kind open, won or lost: %s', stage);
          end if;
        end loop;
        if problem is null and (select count(distinct s ->> 'key') < count(*) from jsonb_array_elements(stages) s) then
          problem := 'two stages have one key';
        elsif problem is null and (select count(distinct s ->> 'kind') < 3 from jsonb_array_elements(stages) s) then
          problem := 'it needs at least one open, one won and one lost stage';
        elsif coalesce(value ->> 'stale_after_days', '') !~ '^[1-9][0-9]{0,2}$' then
          problem := 'stale_after_days is a whole number of days';
        end if;
      end if;
    when 'priority_windows' then
      if exists (select from unnest(array['critical', 'high', 'medium', 'low']) w where coalesce(value ->> w, '') !~ '^[0-9]{1,3}$') then
        problem := 'critical, high, medium and low are whole numbers of days';
      elsif not ((value ->> 'critical')::int < (value ->> 'high')::int and (value ->> 'high')::int < (value ->> 'medium')::int
          and (value ->> 'medium')::int < (value ->> 'low')::int) then
        problem := 'each window must end after the one before';
      end if;
    when 'currency' then
      if jsonb_typeof(value) <> 'string' or value #>> '{}' !~ '^[A-Z]{3}$' then
        problem := 'it is an ISO 4217 code such as EUR';
      end if;
    when 'timezone' then
      if jsonb_typeof(value) <> 'string' then
        problem := 'it is a name such as Europe/Amsterdam';
      else
        perform tenancy.at_local_time('2000-01-01', '12:00', value #>> '{}');
      end if;
    when 'overlap_policy' then
      if value not in ('"refuse"', '"warn"') then
        problem := 'it is refuse or warn';
      end if;
    when 'hold' then
      if coalesce(value ->> 'expires_after_hours', '') !~ '^[1-9][0-9]{0,3}$' then
        problem := 'expires_after_hours is a whole number of hours';
      end if;
    when 'rounding' then
      if value not in ('"half_up"', '"half_even"', '"down"') then
        problem := 'it is half_up, half_even or down';
      end if;
    when 'deposit' then
      if coalesce(value ->> 'type', '') not in ('none', 'percent', 'amount') or jsonb_typeof(value -> 'value') is distinct from 'number'
        or (value ->> 'value')::numeric not between 0
          and (case value ->> 'type' when 'percent' then 100 else tenancy.max_amount() end) then
        problem := 'type is none, percent or amount, and value a percentage or minor units';
      end if;
    when 'balance_due_days' then
      if jsonb_typeof(value) <> 'number' or value #>> '{}' !~ '^[0-9]{1,3}$' then
        problem := 'it is a whole number of days before the event';
      end if;
    when 'mileage_rate' then
      if jsonb_typeof(value) <> 'number' or (value #>> '{}')::numeric not between 0 and 100000 then
        problem := 'it is an amount in minor units a mile';
      end if;
    else
      null;
  end case;
  if problem is not null then
    perform tenancy.refuse(400, format('The setting %s is not valid: %s.', new.key, problem));
  end if;
  if new.key = 'pipeline' then
    -- Waits for transactions that put deals into stages, and they wait for this one.
    perform tenancy.lock_own('pipeline');
    select o.stage, count(*) as deals into left_over from public.opportunities o
      where o.tenant_id = new.tenant_id and o.stage not in (select s ->> 'key' from jsonb_array_elements(stages) s)
      group by o.stage limit 1;
    if found then
      perform tenancy.refuse(409, format('%s deals are in the stage %s.', left_over.deals, left_over.stage), null,
        'Delete the stage with delete_pipeline_stage, which moves its deals.');
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.check_setting() from public;

create or replace function tenancy.check_discount_limit() returns trigger language plpgsql as $$
begin
  if jsonb_typeof(new.value) <> 'number' or (new.value #>> '{}')::numeric not between 0 and 100 then
    perform tenancy.refuse(400, 'The setting max_discount_percent is not valid: it is a number from 0 to 100.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.check_discount_limit() from public;
