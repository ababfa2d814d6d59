-- A contract's text is fixed when it is sent, and all of it when it is signed.
create or replace function tenancy.guard_contract() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('draft', 'sent') then
      perform tenancy.refuse(400, 'A new contract is a draft or sent.');
    end if;
  elsif old.status = 'signed' then
    -- What may still be added: its PDF, once, and the event it belongs to.
    if (to_jsonb(new) - '{signed_pdf_id,event_id,version,updated_at,updated_by}'::text[])
        <> (to_jsonb(old) - '{signed_pdf_id,event_id,version,updated_at,updated_by}'::text[])
      or old.signed_pdf_id is not null and new.signed_pdf_id is distinct from old.signed_pdf_id then
      perform tenancy.refuse(409, format('Contract %s is signed and can no longer be changed.', old.contract_number), null,
        'Create a new contract to replace it.');
    end if;
  elsif old.status <> 'draft' then
    if new.status = 'draft' or (new.body_html, new.title, new.account_id, new.body_sha256)
        is distinct from (old.body_html, old.title, old.account_id, old.body_sha256) then
      perform tenancy.refuse(409, format('Contract %s was sent, so its text can no longer be changed.', old.contract_number), null,
        'Void it and create a new one.');
    elsif old.status in ('declined', 'expired', 'void') and new.status <> old.status then
      perform tenancy.refuse(409, format('Contract %s is %s.', old.contract_number, old.status));
    end if;
  end if;
  if tg_op = 'UPDATE' and new.status = 'signed' and old.status not in ('sent', 'viewed', 'signed') then
    perform tenancy.refuse(409, format('Contract %s is %s; only a sent contract can be signed.', old.contract_number, old.status));
  end if;
  if new.status not in ('draft', 'void') and (tg_op = 'INSERT' or old.status = 'draft')
      and regexp_replace(new.body_html, '<[^>]*>|&nbsp;|[\s\u00a0]', '', 'g') = '' then
    perform tenancy.refuse(409, format('The contract “%s” has no text, so there is nothing to sign.', new.title), null,
      'Write its text first.');
  end if;
  if new.status not in ('draft', 'void') then
    new.sent_at := coalesce(new.sent_at, now());
    new.body_sha256 := encode(sha256(convert_to(new.body_html, 'UTF8')), 'hex');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.guard_contract() from public;

-- Users cannot change a signed contract; the system may still add its PDF and its event.
create or replace function tenancy.keep_signed() returns trigger
  language plpgsql
as $$
begin
  if tenancy.is_user() then
    perform tenancy.refuse(409, format('Contract %s is signed and can no longer be changed.', old.contract_number), null,
      'Create a new contract to replace it.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_signed() from public;
