-- Payment plans of quotes and invoices: docs/payment-plans.md says the rules. A plan is a list of parts in the order they are due:
--   {label, type: percent | amount | rest, value, amount, due_date, days_before}
-- `value` is percent of what is divided, or minor units; the last part is the rest. `amount` (minor units) is computed. A part is due
-- on `due_date`, or `days_before` days before the event: an invoice computes its date from that; a quote leaves it open. A quote's
-- part with neither is due on acceptance.

-- The day that a plan counts back from: the event's first, or the deal's.
create or replace function tenancy.plan_day(event uuid, deal uuid) returns date
  language sql stable
  return coalesce(
    (select e.start_date from public.events e where e.tenant_id = (select tenancy.current_tenant()) and e.id = event),
    (select min(d.event_date) from public.event_dates d
      where d.tenant_id = (select tenancy.current_tenant()) and d.opportunity_id = deal and d.status <> 'cancelled'));
select tenancy.grant_internals('tenancy.plan_day(uuid, uuid)');

create or replace function tenancy.refuse_part(at int, problem text, hint text default null) returns void
  language plpgsql volatile
as $$
begin
  perform tenancy.refuse(400, format('Part %s of the payment plan %s.', at, problem), null, hint);
end
$$;
select tenancy.grant_internals('tenancy.refuse_part(integer, text, text)');

-- Checks a plan that a user or program wrote and brings it into its form. Amounts are left out: `divide_plan` computes them.
--   total  what is divided, or null while the document has no lines: then parts are not added up
--   day    what `days_before` counts from; dates are computed where `dated` (an invoice)
create or replace function tenancy.read_plan(plan jsonb, total bigint, day date, dated boolean, currency text) returns jsonb
  language plpgsql stable
as $$
#variable_conflict use_variable
declare
  parts constant int := case jsonb_typeof(plan) when 'array' then jsonb_array_length(plan) end;
  read jsonb := '[]';
  part jsonb;
  kind text;
  value numeric;
  days int;
  due date;
  last_due date;
  percents numeric := 0;
  fixed numeric := 0;
  shares numeric := 0;
begin
  if parts is null then
    perform tenancy.refuse(400, 'A payment plan is a list of parts.');
  elsif parts > 60 then
    perform tenancy.refuse(400, format('A payment plan has at most 60 parts, not %s.', parts));
  end if;
  for at in 1..parts loop
    part := plan -> at - 1;
    if jsonb_typeof(part) <> 'object' then
      perform tenancy.refuse_part(at, 'is not an object');
    end if;
    kind := coalesce(part ->> 'type', case when part ? 'amount' then 'amount' when at = parts then 'rest' end);
    if kind is null or kind not in ('percent', 'amount', 'rest') then
      perform tenancy.refuse_part(at, 'is neither percent, amount nor rest');
    elsif kind = 'rest' and at < parts then
      perform tenancy.refuse_part(at, 'is the rest, but others follow', 'Only the last part is the rest.');
    elsif length(coalesce(part ->> 'label', '')) > 60 then
      perform tenancy.refuse_part(at, 'has a name of more than 60 characters');
    elsif kind = 'rest' then
      value := null;
    else
      part := case when part ? 'value' then part else part || jsonb_build_object('value', part -> 'amount') end;
      if jsonb_typeof(part -> 'value') is distinct from 'number' then
        perform tenancy.refuse_part(at, format('has no %s', case kind when 'percent' then 'percentage' else 'amount' end));
      end if;
      value := (part ->> 'value')::numeric;
      if kind = 'percent' and not (value > 0 and value <= 100) then
        perform tenancy.refuse_part(at, format('is %s %%', trim_scale(value)), 'Enter a percentage above 0 and up to 100.');
      elsif kind = 'amount' and not (value between 0 and tenancy.max_amount() and value = trunc(value)) then
        perform tenancy.refuse_part(at, format('is %s', value), 'An amount is a whole number of minor units (cents).');
      end if;
      percents := percents + case kind when 'percent' then value else 0 end;
      fixed := fixed + case kind when 'amount' then value else 0 end;
      shares := shares + case kind when 'percent' then tenancy.round_money(coalesce(total, 0) * value, 100, tenancy.rounding()) else 0 end;
    end if;
    if jsonb_typeof(part -> 'due_date') not in ('string', 'null') or part ->> 'due_date' !~ '^\d{4}-\d\d-\d\d$' then
      perform tenancy.refuse_part(at, format('has the date %s', part -> 'due_date'), 'A date is written as 2026-05-31.');
    elsif jsonb_typeof(part -> 'days_before') not in ('number', 'null') or part ->> 'days_before' !~ '^\d{1,4}$' then
      perform tenancy.refuse_part(at, 'is due at no number of days before the event', 'Enter a whole number of days.');
    end if;
    days := (part ->> 'days_before')::int;
    begin
      due := (part ->> 'due_date')::date;
    exception when datetime_field_overflow or invalid_datetime_format then
      perform tenancy.refuse_part(at, format('has the date %s, which does not exist', part ->> 'due_date'));
    end;
    if dated and days is not null and due is null then
      if day is null then
        perform tenancy.refuse_part(at, format('is due %s days before the event, but there is no event', days), 'Choose a date instead.');
      end if;
      due := greatest(day - days, last_due, tenancy.today());
    elsif not dated and days is not null then
      due := null;
    elsif due is null and at = 1 and dated then
      due := tenancy.today();
    elsif due is null and days is null and at > 1 then
      perform tenancy.refuse_part(at, 'has no date', 'Enter the date it is due, or how many days before the event.');
    end if;
    if due < last_due then
      perform tenancy.refuse_part(at, format('is due on %s, before the part above it', due), 'Sort the parts by date.');
    end if;
    last_due := coalesce(due, last_due);
    if at = parts and kind <> 'rest' then
      -- All of it is divided: the last part takes what rounding leaves.
      if fixed = 0 and percents <> 100 then
        perform tenancy.refuse(400, format('The parts of the payment plan add up to %s %%.', trim_scale(percents)), null,
          'Make the last part the rest.');
      elsif fixed > 0 and total <> 0 and fixed + shares <> total then
        perform tenancy.refuse(400, format('The parts of the payment plan add up to %s; the total is %s.',
          tenancy.money_in_words((fixed + shares)::bigint, currency), tenancy.money_in_words(total, currency)), null,
          'Make the last part the rest.');
      end if;
      kind := 'rest';
    end if;
    read := read || jsonb_build_object('label', coalesce(nullif(btrim(part ->> 'label'), ''), case kind when 'rest' then 'Balance' else 'Payment' end),
      'type', kind, 'value', case when kind <> 'rest' then trim_scale(value) end, 'due_date', due, 'days_before', days);
  end loop;
  if percents > 100 then
    perform tenancy.refuse(400, format('The parts of the payment plan add up to %s %%.', trim_scale(percents)), null,
      'Lower the percentages, so that they are at most 100 % together.');
  end if;
  return read;
end
$$;
select tenancy.grant_internals('tenancy.read_plan(jsonb, bigint, date, boolean, text)');

-- Computes the amounts of a plan. They always add up to `due`.
--   due   what is divided: the total less what was credited, in minor units
--   paid  money that came: it pays the parts from the first on
create or replace function tenancy.divide_plan(plan jsonb, due bigint, paid bigint, rule text) returns jsonb
  language plpgsql immutable
as $$
declare
  parts constant int := jsonb_array_length(plan);
  -- What each part would be if nothing had been paid.
  planned numeric[] := '{}';
  amounts numeric[] := '{}';
  first_open int := 1;
  -- Of the first open part.
  covered numeric := greatest(paid, 0);
  left_over numeric := greatest(due, 0);
  flexible numeric;
  shared numeric;
  part jsonb;
  stored numeric;
begin
  for at in 1..parts loop
    part := plan -> at - 1;
    planned := planned || least(left_over, case part ->> 'type'
      when 'percent' then tenancy.round_money(greatest(due, 0) * (part ->> 'value')::numeric, 100, rule)
      when 'amount' then (part ->> 'value')::numeric
      else left_over end);
    left_over := left_over - planned[at];
  end loop;
  left_over := greatest(due, 0);
  -- Paid parts stay. The last is always open: it takes what is left.
  while first_open < parts loop
    stored := (plan -> first_open - 1 ->> 'amount')::numeric;
    exit when stored is null or covered = 0 or covered < stored;
    amounts := amounts || least(stored, left_over);
    left_over := left_over - amounts[first_open];
    covered := covered - stored;
    first_open := first_open + 1;
  end loop;
  loop
    amounts := amounts[1:first_open - 1];
    -- Fixed amounts stay as far as there is enough; the other parts share what remains in proportion to what was planned.
    select coalesce(sum(planned[at]) filter (where is_fixed), 0), coalesce(sum(planned[at]) filter (where not is_fixed), 0)
      into shared, flexible
      from (select at, plan -> at - 1 ->> 'type' = 'amount' as is_fixed from generate_series(first_open, parts) at) open_parts;
    shared := greatest(left_over - shared, 0);
    stored := left_over;
    for at in first_open..parts loop
      amounts := amounts || case
        when at = parts then stored
        when plan -> at - 1 ->> 'type' = 'amount' then least(planned[at], stored)
        when flexible = 0 then 0
        else least(stored, tenancy.round_money(shared * planned[at], flexible, rule)) end;
      stored := stored - amounts[at];
    end loop;
    -- No part is less than what was paid on it.
    exit when first_open >= parts or amounts[first_open] >= covered;
    amounts[first_open] := least(covered, left_over);
    covered := covered - amounts[first_open];
    left_over := left_over - amounts[first_open];
    first_open := first_open + 1;
  end loop;
  return coalesce((select jsonb_agg((plan -> at - 1) || jsonb_build_object('amount', amounts[at]::bigint) order by at)
    from generate_series(1, parts) at), '[]');
end
$$;
select tenancy.grant_internals('tenancy.divide_plan(jsonb, bigint, bigint, text)');

-- The parts that money has paid: they no longer change.
create or replace function tenancy.paid_parts(plan jsonb, paid bigint) returns int
  language sql immutable
  return (select count(*)::int from (
    select sum((part ->> 'amount')::bigint) over (order by at) as reached
    from jsonb_array_elements(plan) with ordinality p (part, at)) parts where reached <= paid and paid > 0);
select tenancy.grant_internals('tenancy.paid_parts(jsonb, bigint)');

-- The parts that are not paid yet, and what is open of each: `balance` in all. Without a plan: the balance on the due date.
create or replace function tenancy.open_parts(plan jsonb, due_date date, balance bigint, paid bigint)
  returns table (at bigint, due date, amount bigint)
  language sql immutable
as $$
  select p.at, coalesce((p.part ->> 'due_date')::date, due_date), least(p.reached, paid + balance)
    - case when p.at = 1 then paid else greatest(p.reached - (p.part ->> 'amount')::bigint, paid) end
  from (select part, at, sum((part ->> 'amount')::bigint) over (order by at)::bigint as reached
    from jsonb_array_elements(case plan when '[]' then jsonb_build_array(jsonb_build_object('amount', balance + paid)) else plan end)
      with ordinality e (part, at)) p
  where p.reached > paid and balance > 0
$$;
select tenancy.grant_internals('tenancy.open_parts(jsonb, date, bigint, bigint)');

-- The first of them.
create or replace function tenancy.next_part(plan jsonb, due_date date, balance bigint, paid bigint, out due date, out amount bigint)
  language sql immutable
as $$
  select p.due, p.amount from tenancy.open_parts(plan, due_date, balance, paid) p order by p.at limit 1
$$;
select tenancy.grant_internals('tenancy.next_part(jsonb, date, bigint, bigint)');

-- The company's usual plan: the deposit of the setting, and the rest before the event.
create or replace function tenancy.default_deposit() returns jsonb
  language sql stable
  return tenancy.setting('deposit', '{"type": "percent", "value": 50}');
select tenancy.grant_internals('tenancy.default_deposit()');

create or replace function tenancy.default_deposit_type() returns text
  language sql stable
  return tenancy.default_deposit() ->> 'type';
select tenancy.grant_internals('tenancy.default_deposit_type()');

create or replace function tenancy.default_deposit_value() returns numeric
  language sql stable
  return case when tenancy.default_deposit() ->> 'type' = 'none' then 0 else (tenancy.default_deposit() ->> 'value')::numeric end;
select tenancy.grant_internals('tenancy.default_deposit_value()');

create or replace function tenancy.rest_of_plan() returns jsonb
  language sql stable
  return jsonb_build_object('label', 'Balance', 'type', 'rest', 'value', null, 'due_date', null,
    'days_before', coalesce((tenancy.setting('balance_due_days') #>> '{}')::int, 14));
select tenancy.grant_internals('tenancy.rest_of_plan()');

-- Another deposit is the first part of the plan that is there.
create or replace function tenancy.plan_with_deposit(plan jsonb, deposit_type text, deposit_value numeric) returns jsonb
  language sql stable
  return case
    when deposit_type = 'none' or deposit_value = 0 then case when jsonb_array_length(plan) > 2 then plan - 0 else '[]' end
    else jsonb_build_array(
        coalesce(plan -> 0, '{"label": "Deposit", "due_date": null, "days_before": null}')
          || jsonb_build_object('type', deposit_type, 'value', trim_scale(deposit_value)))
      || case when jsonb_array_length(plan) > 1 then plan - 0 else jsonb_build_array(tenancy.rest_of_plan()) end
    end;
select tenancy.grant_internals('tenancy.plan_with_deposit(jsonb, text, numeric)');
