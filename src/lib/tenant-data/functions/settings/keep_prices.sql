-- Prices, rates and costs name no currency: they are in the company's. Where another currency has other decimals, the numbers that
-- people entered stay: 799.00 USD become 799 JPY.
create or replace function tenancy.keep_prices() returns trigger language plpgsql as $$
declare
  former constant text := case when tg_op = 'UPDATE' then old.value #>> '{}' else 'USD' end;
  factor constant numeric := power(10::numeric, tenancy.currency_digits(new.value #>> '{}') - tenancy.currency_digits(former));
  caller name;
  price text[];
begin
  if factor = 1 then
    return null;
  end if;
  caller := tenancy.act_for_tenant();
  foreach price slice 1 in array array[['packages', 'base_price'], ['packages', 'extra_hour_price'], ['add_ons', 'price'],
      ['products', 'price'], ['products', 'cost'], ['staff_roles', 'default_rate'], ['user_pay_rate_history', 'rate'],
      ['event_staff_assignments', 'rate_snapshot'], ['equipment_items', 'purchase_price'], ['event_custom_items', 'cost'],
      ['accounts', 'credit_limit'], ['leads', 'budget']] loop
    execute format('update public.%1$I set %2$I = tenancy.round_money(%2$I * $1, 1, $3) where tenant_id = $2 and %2$I > 0',
      price[1], price[2]) using factor, new.tenant_id, tenancy.rounding();
  end loop;
  update public.tenant_settings s set value = to_jsonb(trim_scale((s.value #>> '{}')::numeric * factor))
    where s.tenant_id = new.tenant_id and s.key = 'mileage_rate';
  update public.tenant_settings s
    set value = jsonb_set(s.value, '{value}', to_jsonb(tenancy.round_money((s.value ->> 'value')::numeric * factor, 1, tenancy.rounding())))
    where s.tenant_id = new.tenant_id and s.key = 'deposit' and s.value ->> 'type' = 'amount';
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.keep_prices() from public;
