-- A number regardless of case and spaces.
create or replace function tenancy.number_key(given text) returns text
  language sql immutable parallel safe
  return lower(regexp_replace(given, '\s', '', 'g'));
select tenancy.grant_internals('tenancy.number_key(text)');

-- The next number of an event, quote, invoice or contract, taken in the issuing transaction. There may be gaps, but no
-- duplicates.
create or replace function tenancy.next_number(number_kind text) returns text
  language plpgsql volatile
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  this_year constant int := extract(year from tenancy.today());
  issued text;
  taken boolean;
begin
  insert into public.number_sequences (kind, prefix, year)
    values (number_kind, upper(left(number_kind, 1)) || '-', this_year) on conflict do nothing;
  loop
    -- The row stays locked until the transaction ends, so numbers are issued one after another.
    update public.number_sequences s set
        next_value = case when s.resets_yearly and s.year <> this_year then 1 else s.next_value end + 1,
        year = this_year
      where s.tenant_id = (select tenancy.current_tenant()) and s.kind = number_kind
      returning s.prefix || case when s.resets_yearly then this_year || '-' else '' end
        || case when length((s.next_value - 1)::text) >= s.padding then (s.next_value - 1)::text
             else lpad((s.next_value - 1)::text, s.padding, '0') end
      into issued;
    -- Skips a number that was given by hand.
    execute format('select exists (select from public.%I where tenant_id = (select tenancy.current_tenant()) and tenancy.number_key(%I) = tenancy.number_key($1))',
      number_kind || 's', number_kind || '_number') into taken using issued;
    exit when not taken;
  end loop;
  perform tenancy.act_as(caller);
  return issued;
end
$$;
select tenancy.grant_internals('tenancy.next_number(text)');

-- The number that a user sets is the next, also where numbers restart each year.
create or replace function tenancy.count_this_year() returns trigger language plpgsql as $$
begin
  new.year := extract(year from tenancy.today());
  return new;
end
$$;
revoke execute on function tenancy.count_this_year() from public;

create or replace function tenancy.number_event() returns trigger language plpgsql as $$
begin
  new.event_number := coalesce(nullif(btrim(new.event_number), ''), tenancy.next_number('event'));
  return new;
end
$$;
revoke execute on function tenancy.number_event() from public;

-- The revision follows the highest of the deal's quotes.
create or replace function tenancy.number_quote() returns trigger language plpgsql as $$
declare
  last int;
begin
  new.quote_number := coalesce(nullif(btrim(new.quote_number), ''), tenancy.next_number('quote'));
  if tg_op = 'INSERT' then
    select max(q.revision) into last from public.quotes q where q.tenant_id = new.tenant_id and q.opportunity_id = new.opportunity_id;
    new.revision := greatest(new.revision, coalesce(last, 0) + 1);
  end if;
  return new;
end
$$;
revoke execute on function tenancy.number_quote() from public;

create or replace function tenancy.number_contract() returns trigger language plpgsql as $$
begin
  new.contract_number := coalesce(nullif(btrim(new.contract_number), ''), tenancy.next_number('contract'));
  return new;
end
$$;
revoke execute on function tenancy.number_contract() from public;
