-- What a person is paid in a role on a day: their rate for the role, their rate for any role, or the role's default.
create or replace function tenancy.pay_rate(person uuid, role_id uuid, pay text, day date) returns bigint
  language sql stable
  return coalesce(
    (select h.rate from public.user_pay_rate_history h
      where h.tenant_id = (select tenancy.current_tenant()) and h.user_id = person and h.pay_type = pay
        and (h.staff_role_id = role_id or h.staff_role_id is null) and h.effective @> coalesce(day, (select tenancy.today()))
      order by h.staff_role_id is null limit 1),
    (select r.default_rate from public.staff_roles r where r.tenant_id = (select tenancy.current_tenant()) and r.id = role_id));
select tenancy.grant_internals('tenancy.pay_rate(uuid, uuid, text, date)');
