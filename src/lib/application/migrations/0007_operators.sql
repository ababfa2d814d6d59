-- Operators keep an owner, and a company decides whether support has to ask it.
-- needs marquee.keep_an_operator_owner()
alter table public.tenants
  add column support_policy text not null default 'ask' check (support_policy in ('ask', 'allow', 'refuse'));

create trigger keep_an_operator_owner after delete on public.users
  for each row when (old.operator_role = 'owner' and old.status = 'active') execute function marquee.keep_an_operator_owner();
create trigger keep_an_operator_owner_change after update on public.users
  for each row when (
    old.operator_role = 'owner' and old.status = 'active' and (new.operator_role, new.status) is distinct from ('owner', 'active')
  ) execute function marquee.keep_an_operator_owner();
