-- A mail was opened for the first time. For trusted server code, which has checked the address of the mail's picture.
create or replace function public.note_opened(communication_id uuid) returns void
  language sql volatile
as $$
  update public.communications c set opened_at = now()
    where c.tenant_id = (select tenancy.current_tenant()) and c.id = $1 and c.type = 'email' and c.opened_at is null
      and coalesce(tenancy.setting('mail_opens') = 'true', false);
$$;
select tenancy.expose(false, 'public.note_opened(uuid)');
