-- Columns that the system fills are written by the system: users hold no privilege to write them. A column that is added later is
-- nobody's to write before a migration grants it; test/lib/tenant-data/writable-columns.txt lists what each role may write.

-- Takes the privilege to write these columns from users, and with it the columns that every table has in common.
create function tenancy.fill_by_system(target regclass, filled name[]) returns void
  language plpgsql volatile
as $$
declare
  system_columns constant name[] := '{created_at,updated_at,created_by,updated_by,version}'::name[] || filled;
  by_users text;
  by_managers text;
begin
  -- What `authenticated` may write its member `authenticated_manager` may too.
  select string_agg(quote_ident(attname), ', ' order by attnum) filter (where has_column_privilege('authenticated', attrelid, attnum, 'insert')),
      string_agg(quote_ident(attname), ', ' order by attnum) filter (where has_column_privilege('authenticated_manager', attrelid, attnum, 'insert'))
    into by_users, by_managers
    from pg_attribute
    where attrelid = target and attnum > 0 and not attisdropped and attgenerated = '' and attname <> all (system_columns);
  execute format('revoke insert, update on %s from authenticated, authenticated_manager', target);
  if by_users is not null then
    execute format('grant insert (%1$s), update (%1$s) on %2$s to authenticated', by_users, target);
  end if;
  if by_managers is distinct from by_users then
    execute format('grant insert (%1$s), update (%1$s) on %2$s to authenticated_manager', by_managers, target);
  end if;
end
$$;
revoke execute on function tenancy.fill_by_system(regclass, name[]) from public;

do $filled$
declare
  one record;
begin
  for one in
    select c.oid::regclass as target, coalesce(f.columns, '{}')::name[] as columns
    from pg_class c
    left join (values
      ('event_categories', '{is_system}'),
      ('number_sequences', '{year}'),
      ('accounts', '{merged_into_id,merged_at}'),
      ('contacts', '{merged_into_id,merged_at}'),
      ('leads', '{converted_at,converted_account_id,converted_contact_id,converted_opportunity_id}'),
      ('opportunities', '{stage_changed_at,closed_at,converted_event_id}'),
      ('opportunity_line_items', '{line_total}'),
      ('quote_line_items', '{line_total}'),
      ('invoice_line_items', '{line_total}'),
      ('events', '{payment_status_id,portal_token_hash,cancelled_at,briefed_at}'),
      ('event_dates', '{occupied}'),
      ('event_staff_assignments', '{per,overbooked}'),
      ('event_design_items', '{revision_count,proof_token_hash,approved_at,approved_by_name}'),
      ('event_core_task_completion', '{completed_at,completed_by}'),
      ('booth_assignments', '{per,overbooked,checked_out_at,checked_out_by,checked_in_at,checked_in_by,condition,missing,damaged}'),
      ('equipment_assignments', '{booth_assignment_id,per,serialized,overbooked,checked_out_at,checked_out_by,checked_in_at,checked_in_by,condition}'),
      ('quotes', '{quote_number,revision,subtotal,discount,tax,total,token_hash,sent_at,viewed_at,accepted_at,accepted_by_name,accepted_ip,
        declined_at,content_sha256,discount_approved,discount_approved_by,discount_approved_at}'),
      ('invoices', '{invoice_number,subtotal,discount,tax,total,paid,bill_to,token_hash,sent_at,viewed_at,voided_at}'),
      ('payments', '{provider,provider_id,failure_reason}'),
      ('tasks', '{completed_at,completed_by}'),
      ('contracts', '{contract_number,body_sha256,signer_name,signature,consent_text,sent_at,viewed_at,signed_at,signed_ip,
        signed_user_agent,token_hash,signed_pdf_id}'),
      ('communications', '{from_address,provider_message_id,failure_reason}')
    ) as f (tab, columns) on f.tab = c.relname
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  loop
    perform tenancy.fill_by_system(one.target, one.columns);
  end loop;
end
$filled$;

-- A file's row says what is stored, so only the server that stored it adds one. People rename it and choose who sees it.
revoke insert, update on attachments from authenticated, authenticated_manager;
grant update (file_name, visibility) on attachments to authenticated;
-- What staff do at an event: their own assignments, its checklist and its designs. Managers change the rest.
do $staff$
declare
  one record;
begin
  for one in select * from (values ('event_staff_assignments', '{status,hours_actual,miles,notes}'),
    ('event_core_task_completion', '{is_completed,notes}'),
    ('event_design_items', '{design_status_id,client_notes,internal_notes}')) as s (tab, columns)
  loop
    execute (select format('grant update (%s) on %I to authenticated_manager', string_agg(quote_ident(attname), ', '), one.tab)
      from pg_attribute where attrelid = one.tab::regclass and attnum > 0 and has_column_privilege('authenticated_manager', attrelid, attnum, 'update'));
    execute format('revoke update on %I from authenticated', one.tab);
    execute format('grant update (%s) on %I to authenticated', array_to_string(one.columns::text[], ', '), one.tab);
  end loop;
end
$staff$;
-- A recorded payment changes in how and when it came, while it is known by hand only (`check_payment`).
revoke update on payments from authenticated, authenticated_manager;
grant update (status, method, paid_at, reference) on payments to authenticated;
grant update (fee) on payments to authenticated_manager;
-- Connections are made by the server, with what the other service answered.
revoke insert, update on user_integrations from authenticated, authenticated_manager;
-- Who works here and as what is the application's to say.
revoke insert, update, delete on user_role_history from authenticated, authenticated_manager;

-- `tenancy.reserve` as before, for several statuses with commas between. Its columns are kept by privileges now.
create or replace function tenancy.reserve() returns trigger
  language plpgsql
as $$
declare
  before constant text := case when tg_op = 'UPDATE' then to_jsonb(old) ->> 'status' end;
  after constant text := to_jsonb(new) ->> 'status';
begin
  if current_user in ('authenticated', 'authenticated_manager') and after is distinct from before
    and after = any (string_to_array(tg_argv[0], ',')) then
    perform tenancy.refuse(403, format('A %s is not set to %s by hand.',
      replace(regexp_replace(regexp_replace(tg_table_name, 'ies$', 'y'), 's$', ''), '_', ' '), replace(after, '_', ' ')),
      null, format('Call %s.', tg_argv[1]));
  end if;
  return new;
end
$$;
drop trigger reserve on opportunities;
drop trigger reserve_discount on quotes;
do $reserved$
declare
  one record;
begin
  for one in select * from (values
    ('quotes', 'viewed,accepted,superseded', 'accept_quote or revise_quote'),
    ('contracts', 'viewed,signed', 'sign_contract (the client signs)'),
    ('booth_assignments', 'checked_out,returned', 'check_out_booth or check_in_booth'),
    ('equipment_assignments', 'checked_out,returned', 'check_out_equipment or check_in_equipment'),
    ('communications', 'delivered', 'nothing: the recipient''s mail server reports it')) as r (tab, statuses, action)
  loop
    execute format('drop trigger if exists reserve on %I', one.tab);
    execute format('create trigger reserve before insert or update of status on %I for each row when (not tenancy.copying()) '
      'execute function tenancy.reserve(%L, %L)', one.tab, one.statuses, one.action);
  end loop;
end
$reserved$;

-- What was said stays as it was said: a mail that was sent, and somebody else's note.
create function tenancy.keep_words() returns trigger
  language plpgsql
as $$
begin
  if current_user in ('authenticated', 'authenticated_manager') then
    if tg_table_name = 'notes' then
      perform tenancy.refuse(403, 'Somebody else wrote this note.', null, 'Add a note of your own.');
    else
      perform tenancy.refuse(409, 'The message was sent: what it says, to whom and when no longer changes.', null, 'Write another one.');
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_words() from public;
create trigger keep_words before update of content on notes for each row
  when (new.content <> old.content and old.created_by is distinct from tenancy.current_user_id() and not tenancy.copying())
  execute function tenancy.keep_words();
create trigger keep_words before update on communications for each row
  when (old.type in ('email', 'sms') and old.status not in ('draft', 'logged')
    and (new.type, new.direction, new.subject, new.body, new.to_address, new.occurred_at)
      is distinct from (old.type, old.direction, old.subject, old.body, old.to_address, old.occurred_at) and not tenancy.copying())
  execute function tenancy.keep_words();
-- A signed contract is the client's word: what may still come to it, its PDF and its event, the system adds.
create function tenancy.keep_signed() returns trigger
  language plpgsql
as $$
begin
  if current_user in ('authenticated', 'authenticated_manager') then
    perform tenancy.refuse(409, format('Contract %s is signed and no longer changes.', old.contract_number), null,
      'Make a new contract that replaces it.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_signed() from public;
create trigger keep_signed before update on contracts for each row
  when (old.status = 'signed' and not tenancy.copying()) execute function tenancy.keep_signed();

-- Rules that write on behalf of a user what the user may not write by hand act for the tenant.
create or replace function tenancy.retotal() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  -- Every document's own trigger computes it.
  if tg_argv[0] = 'opportunities' then
    update public.opportunities set amount = 0
      where tenant_id = tenancy.current_tenant() and id in (select opportunity_id from changed)
        and amount <> coalesce(tenancy.lines_of_deal(id), 0);
  elsif tg_argv[0] = 'quotes' then
    update public.quotes set subtotal = subtotal
      where tenant_id = tenancy.current_tenant() and status = 'draft' and id in (select quote_id from changed);
  else
    update public.invoices set subtotal = subtotal
      where tenant_id = tenancy.current_tenant() and status = 'draft' and id in (select invoice_id from changed);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;

create or replace function tenancy.settle_invoice() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.invoices set paid = paid where tenant_id = new.tenant_id and id = new.invoice_id;
  perform tenancy.act_as(caller);
  return null;
end
$$;

-- Completing says who and when: the user who does it, now. Trusted code may say otherwise.
create or replace function tenancy.stamp_completion() returns trigger language plpgsql as $$
declare
  is_done constant boolean := case tg_table_name when 'tasks' then to_jsonb(new) ->> 'status' = 'completed'
    else (to_jsonb(new) ->> 'is_completed')::boolean end;
begin
  if not is_done then
    new.completed_at := null;
    new.completed_by := null;
  elsif tg_op = 'UPDATE' and old.completed_at is not null then
    new.completed_at := old.completed_at;
    new.completed_by := old.completed_by;
  else
    new.completed_at := case when tenancy.current_user_id() is null then coalesce(new.completed_at, now()) else now() end;
    new.completed_by := coalesce(tenancy.current_user_id(), new.completed_by);
  end if;
  return new;
end
$$;

-- For the time of one transaction of trusted code: in whose name it acts, a user's or the client's by link.
create function tenancy.acting_user() returns uuid
  language sql stable parallel safe
  return nullif(pg_catalog.current_setting('tenancy.acting_user', true), '')::uuid;
create function tenancy.acts_by_link() returns boolean
  language sql stable parallel safe
  return coalesce(pg_catalog.current_setting('tenancy.by_link', true), '') = 'on';
select tenancy.grant_internals('tenancy.acting_user()', 'tenancy.acts_by_link()');

-- As before; what the system or a client changes is not put down to the user who changed the row last.
create or replace function tenancy.stamp_change() returns trigger
  language plpgsql
as $$
begin
  if new.tenant_id <> old.tenant_id or new.id <> old.id then
    raise exception 'A row keeps its tenant and its id.' using errcode = 'MQ004';
  end if;
  new.created_at := old.created_at;
  new.created_by := old.created_by;
  new.updated_at := pg_catalog.now();
  new.updated_by := coalesce(tenancy.current_user_id(), tenancy.acting_user(),
    case when new.updated_by is distinct from old.updated_by then new.updated_by end);
  new.version := old.version + 1;
  return new;
end
$$;

-- The history says how a change came about where no user made it: by a client's link.
alter table tenancy.changes add column changed_through text check (changed_through in ('client_link'));

do $history$
declare
  body text := pg_get_functiondef('tenancy.keep_change()'::regprocedure);
begin
  body := replace(body, 'action, columns, changed_by)', 'action, columns, changed_by, changed_through)');
  body := replace(body, $was$coalesce(tenancy.current_user_id(), case when tg_op <> 'DELETE' then (what ->> 'updated_by')::uuid end);$was$,
    $now$coalesce(tenancy.current_user_id(), case when tg_op <> 'DELETE' then (what ->> 'updated_by')::uuid end),
        case when tenancy.acts_by_link() then 'client_link' end;$now$);
  execute body;
end
$history$;

-- As before, with `changed_through`.
do $history$
declare
  body text := pg_get_functiondef('public.event_history(uuid, timestamptz, uuid, int)'::regprocedure);
begin
  body := replace(body, 'changed_by uuid, names jsonb)', 'changed_by uuid, changed_through text, names jsonb)');
  body := replace(body, 'c.changed_at, c.changed_by', 'c.changed_at, c.changed_by, c.changed_through');
  body := replace(body, 'p.changed_at, p.changed_by, named.names', 'p.changed_at, p.changed_by, p.changed_through, named.names');
  drop function public.event_history(uuid, timestamptz, uuid, int);
  execute body;
end
$history$;
select tenancy.expose(true, 'public.event_history(uuid, timestamptz, uuid, int)');

-- The crew and the client know everything they need: noted with the moment at which somebody says so.
create function public.mark_briefed(event_id uuid) returns public.events
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  event public.events;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  update public.events e set briefed_at = coalesce(e.briefed_at, now())
    where e.tenant_id = tenancy.current_tenant() and e.id = event_id returning * into event;
  if event.id is null then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  perform tenancy.act_as(caller);
  return event;
end
$$;
select tenancy.expose(true, 'public.mark_briefed(uuid)');

-- A media type is one line of the form RFC 6838 gives it: it is sent as a header.
alter table attachments no force row level security, disable trigger user;
update attachments set mime_type = 'application/octet-stream' where mime_type !~ '^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$';
alter table attachments enable trigger user, force row level security;
alter table attachments add constraint attachments_mime_type
  check (mime_type ~ '^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$' and length(mime_type) <= 200);

-- Whether the user may attach a file to this record. The server asks before it stores the file and adds its row.
create function public.may_attach(entity_type text, entity_id uuid) returns void
  language plpgsql stable
as $$
declare
  tab name := case entity_type when 'opportunity' then 'opportunities' else entity_type || 's' end;
  seen boolean;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'staff');
  if entity_type is null or entity_type <> all (tenancy.entity_types()) then
    perform tenancy.refuse(400, format('There is nothing of the kind %s.', left(entity_type, 40)), null,
      'Kinds: ' || array_to_string(tenancy.entity_types(), ', ') || '.');
  end if;
  execute format('select exists (select from public.%I where tenant_id = tenancy.current_tenant() and id = $1)', tab)
    into seen using entity_id;
  if not seen then
    perform tenancy.refuse(409, format('There is no %s with this id.', replace(entity_type, '_', ' ')));
  end if;
end
$$;
select tenancy.expose(true, 'public.may_attach(text, uuid)');
