create or replace function tenancy.max_discount() returns numeric
  language sql stable
  return coalesce((tenancy.setting('max_discount_percent') #>> '{}')::numeric, 20);
select tenancy.grant_internals('tenancy.max_discount()');

-- Runs after the totals are computed: triggers fire in the order of their names.
create or replace function tenancy.verify_discount() returns trigger language plpgsql as $$
declare
  given numeric;
begin
  if tenancy.current_user_role() = 'sales' then
    given := public.discount_percent(new);
    if given > greatest(tenancy.max_discount(), coalesce(new.discount_approved, 0)) then
      perform tenancy.refuse(403, format('The discount of the quote is %s%%; your limit is %s%%.',
          trim_scale(given), trim_scale(greatest(tenancy.max_discount(), coalesce(new.discount_approved, 0)))),
        null, 'Ask a manager to approve the discount, or lower it.');
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.verify_discount() from public;
