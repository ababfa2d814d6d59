-- The caller's notices, newest first.
create or replace function public.notices(most int default 50) returns table (
    id uuid, kind text, entity_type text, entity_id uuid, subject jsonb, created_at timestamptz, read_at timestamptz)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  caller constant name := tenancy.act_for_tenant();
begin
  return query select n.id, n.kind, n.entity_type, n.entity_id, n.subject, n.created_at, n.read_at
    from tenancy.notices n where n.tenant_id = (select tenancy.current_tenant()) and n.user_id = (select tenancy.current_user_id())
    order by n.created_at desc, n.id limit least(most, 200);
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.notices(integer)');

-- Marks the caller's notices as read: these, or all of them.
create or replace function public.read_notices(ids uuid[] default null) returns void
  language plpgsql volatile
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update tenancy.notices n set read_at = now()
    where n.tenant_id = (select tenancy.current_tenant()) and n.user_id = (select tenancy.current_user_id()) and n.read_at is null
      and (ids is null or n.id = any (ids));
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.read_notices(uuid[])');

-- The kinds of notices that the caller wants no mail about. With a list: sets them.
create or replace function public.notices_without_mail(kinds text[] default null) returns text[]
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  me constant uuid := tenancy.current_user_id();
  caller constant name := tenancy.act_for_tenant();
  chosen text[];
begin
  if kinds is not null and me is not null then
    if cardinality(kinds) > 50 or exists (select from unnest(kinds) k where k !~ '^[a-z_]{1,40}$') then
      perform tenancy.refuse(400, 'A kind of notice is a word such as quote_accepted.');
    end if;
    insert into tenancy.notice_preferences (tenant_id, user_id, without_mail) values (tenancy.current_tenant(), me, kinds)
      on conflict (tenant_id, user_id) do update set without_mail = excluded.without_mail;
  end if;
  select p.without_mail into chosen from tenancy.notice_preferences p
    where p.tenant_id = (select tenancy.current_tenant()) and p.user_id = me;
  perform tenancy.act_as(caller);
  return coalesce(chosen, '{}');
end
$$;
select tenancy.expose(true, 'public.notices_without_mail(text[])');
