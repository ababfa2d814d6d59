-- Numbers of events, quotes, invoices and contracts: taken inside the issuing transaction. Gaps may be, duplicates not.

create function tenancy.next_number(number_kind text) returns text
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
    -- The row's lock is held to the end of the transaction: issuers follow one another.
    update public.number_sequences s set
        next_value = case when s.resets_yearly and s.year is distinct from this_year then 1 else s.next_value end + 1,
        year = this_year
      where s.tenant_id = tenancy.current_tenant() and s.kind = number_kind
      returning s.prefix || case when s.resets_yearly then this_year || '-' else '' end
        || case when length((s.next_value - 1)::text) >= s.padding then (s.next_value - 1)::text
             else lpad((s.next_value - 1)::text, s.padding, '0') end
      into issued;
    -- Somebody may have given this number by hand.
    execute format('select exists (select from public.%I where tenant_id = tenancy.current_tenant() and %I = $1)',
      number_kind || 's', number_kind || '_number') into taken using issued;
    exit when not taken;
  end loop;
  perform tenancy.act_as(caller);
  return issued;
end
$$;

create function tenancy.number_event() returns trigger language plpgsql as $$
begin
  new.event_number := coalesce(nullif(btrim(new.event_number), ''), tenancy.next_number('event'));
  return new;
end
$$;
create trigger number_event before insert on events
  for each row when (not tenancy.copying()) execute function tenancy.number_event();

create function tenancy.number_quote() returns trigger language plpgsql as $$
begin
  new.quote_number := coalesce(nullif(btrim(new.quote_number), ''), tenancy.next_number('quote'));
  return new;
end
$$;
create trigger number_quote before insert on quotes
  for each row when (not tenancy.copying()) execute function tenancy.number_quote();

create function tenancy.number_contract() returns trigger language plpgsql as $$
begin
  new.contract_number := coalesce(nullif(btrim(new.contract_number), ''), tenancy.next_number('contract'));
  return new;
end
$$;
create trigger number_contract before insert on contracts
  for each row when (not tenancy.copying()) execute function tenancy.number_contract();

revoke execute on function tenancy.number_event(), tenancy.number_quote(), tenancy.number_contract() from public;
select tenancy.grant_internals('tenancy.next_number(text)');
