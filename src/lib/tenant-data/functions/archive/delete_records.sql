-- Deletes records as a user does on screen: each by itself, so that one that cannot be deleted does not keep the others. Clients and
-- events that other records need (a client with invoices) are hidden instead.
--   kind  one of the archived tables
-- Answers [{id, archived: id in the archive} or {id, hidden: true} or {id, refused: why, used_by: table or null}], in the order of ids.
create or replace function public.delete_records(kind text, ids uuid[]) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  answer jsonb := '[]';
  one uuid;
  gone uuid;
  used_by text;
  caller name;
begin
  if kind is null or kind <> all (tenancy.archived_kinds()) then
    perform tenancy.refuse(400, format('There is no kind of record called %s.', left(kind, 60)));
  end if;
  foreach one in array ids loop
    begin
      execute format('delete from public.%I t where t.tenant_id = $1 and t.id = $2 returning t.id', kind) into gone using tenant, one;
      if gone is null then
        perform tenancy.refuse(404, 'The record no longer exists, or your role may not delete it.');
      end if;
      caller := tenancy.act_for_tenant();
      answer := answer || jsonb_build_object('id', one, 'archived', (select a.id from tenancy.archive a
        where a.tenant_id = tenant and a.kind = kind and a.record_id = one and a.reason = 'deleted'
        order by a.archived_at desc limit 1));
      perform tenancy.act_as(caller);
    exception when foreign_key_violation then
      get stacked diagnostics used_by = table_name;
      if kind in ('accounts', 'contacts', 'events') then
        execute format('update public.%I t set deleted_at = now() where t.tenant_id = $1 and t.id = $2', kind) using tenant, one;
        answer := answer || jsonb_build_object('id', one, 'hidden', true);
      else
        answer := answer || jsonb_build_object('id', one, 'refused', 'Other records use it.', 'used_by', used_by);
      end if;
    when others then
      answer := answer || jsonb_build_object('id', one, 'refused', sqlerrm, 'used_by', null);
    end;
  end loop;
  return answer;
end
$$;
select tenancy.expose(true, 'public.delete_records(text, uuid[])');
