-- Notices that are to be mailed, oldest first. For trusted server code. Those that could not be mailed for two days are given up.
create or replace function public.notices_to_mail() returns table (
    id uuid, user_id uuid, kind text, entity_type text, entity_id uuid, subject jsonb)
  language sql volatile
as $$
  update tenancy.notices n set mail = 'none' where n.tenant_id = (select tenancy.current_tenant()) and n.mail = 'wanted'
    and n.created_at < now() - interval '2 days';
  select n.id, n.user_id, n.kind, n.entity_type, n.entity_id, n.subject from tenancy.notices n
    where n.tenant_id = (select tenancy.current_tenant()) and n.mail = 'wanted' order by n.created_at, n.id limit 100;
$$;
select tenancy.expose(false, 'public.notices_to_mail()');

-- A notice was mailed, or its recipient has no address (`sent` false).
create or replace function public.notice_mailed(id uuid, sent boolean default true) returns void
  language sql volatile
as $$
  update tenancy.notices n set mail = case when sent then 'sent' else 'none' end
    where n.tenant_id = (select tenancy.current_tenant()) and n.id = $1;
$$;
select tenancy.expose(false, 'public.notice_mailed(uuid, boolean)');

-- Notices are kept for 180 days.
create or replace function public.forget_notices() returns void
  language sql volatile
as $$
  delete from tenancy.notices n where n.tenant_id = (select tenancy.current_tenant()) and n.created_at < now() - interval '180 days';
$$;
select tenancy.expose(false, 'public.forget_notices()');

-- Whether a notice is to be mailed.
create or replace function public.notices_wait() returns boolean
  language sql stable
  return exists (select from tenancy.notices n where n.tenant_id = (select tenancy.current_tenant()) and n.mail = 'wanted');
select tenancy.expose(false, 'public.notices_wait()');
