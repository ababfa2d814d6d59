-- What only an action may set: a user cannot write down by hand that a lead was converted, a quote accepted or a contract
-- signed. Actions act for the tenant and pass; so does trusted code.

-- Arguments: the reserved status, the columns that come with it.
create function tenancy.reserve() returns trigger
  language plpgsql
as $$
declare
  before constant jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  after constant jsonb := to_jsonb(new);
  field text;
begin
  if current_user not in ('authenticated', 'authenticated_manager') then
    return new;
  end if;
  if after ->> 'status' = tg_argv[0] and before ->> 'status' is distinct from tg_argv[0] then
    perform tenancy.refuse(403, format('Nobody sets a %s to %s by hand.', replace(rtrim(tg_table_name, 's'), '_', ' '), tg_argv[0]),
      null, format('Call %s.', tg_argv[1]));
  end if;
  foreach field in array tg_argv[2:] loop
    if after ->> field is distinct from before ->> field then
      perform tenancy.refuse(403, format('%s is not set by hand.', field), null, format('Call %s.', tg_argv[1]));
    end if;
  end loop;
  return new;
end
$$;
revoke execute on function tenancy.reserve() from public;

create trigger reserve before insert or update on leads for each row when (not tenancy.copying())
  execute function tenancy.reserve('converted', 'convert_lead', 'converted_at', 'converted_account_id', 'converted_contact_id', 'converted_opportunity_id');
create trigger reserve before insert or update on opportunities for each row when (not tenancy.copying())
  execute function tenancy.reserve('', 'convert_opportunity', 'converted_event_id');
create trigger reserve before insert or update on quotes for each row when (not tenancy.copying())
  execute function tenancy.reserve('accepted', 'accept_quote', 'accepted_by_name', 'accepted_ip', 'content_sha256');
create trigger reserve before insert or update on contracts for each row when (not tenancy.copying())
  execute function tenancy.reserve('signed', 'sign_contract (the client signs)', 'signature', 'signed_at', 'signed_ip', 'signed_user_agent', 'consent_text');

create or replace function public.accept_quote(quote_id uuid, accepted_by_name text, accepted_ip text default null) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  quote public.quotes;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into quote from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status <> 'accepted' then
    if quote.status not in ('sent', 'viewed') then
      perform tenancy.refuse(409, format('Quote %s is %s and cannot be accepted.', quote.quote_number, quote.status));
    elsif quote.valid_until < tenancy.today() then
      perform tenancy.refuse(409, format('Quote %s was valid until %s.', quote.quote_number, quote.valid_until), null,
        'Make a new revision of it.');
    elsif btrim(coalesce(accepted_by_name, '')) = '' then
      perform tenancy.refuse(400, 'Say who accepts the quote.');
    end if;
    update public.quotes q set status = 'accepted', accepted_at = now(), accepted_by_name = btrim(accepted_by_name),
        accepted_ip = accepted_ip::inet
      where q.tenant_id = tenancy.current_tenant() and q.id = quote_id returning * into quote;
  end if;
  perform tenancy.act_as(caller);
  return quote;
end
$$;
