-- A contract is what was signed: its text is fixed when it is sent, and all of it when it is signed.

create function tenancy.guard_contract() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('draft', 'sent') then
      perform tenancy.refuse(400, 'A new contract is a draft, or is sent at once.');
    end if;
  elsif old.status = 'signed' then
    -- What may still come is the PDF of it, once, and the event it belongs to.
    if (to_jsonb(new) - '{signed_pdf_id,event_id,version,updated_at,updated_by}'::text[])
        <> (to_jsonb(old) - '{signed_pdf_id,event_id,version,updated_at,updated_by}'::text[])
      or old.signed_pdf_id is not null and new.signed_pdf_id is distinct from old.signed_pdf_id then
      perform tenancy.refuse(409, format('Contract %s is signed and no longer changes.', old.contract_number), null,
        'Make a new contract that replaces it.');
    end if;
  elsif old.status <> 'draft' then
    if new.status = 'draft' or (new.body_html, new.title, new.account_id, new.body_sha256)
        is distinct from (old.body_html, old.title, old.account_id, old.body_sha256) then
      perform tenancy.refuse(409, format('Contract %s was sent: its text no longer changes.', old.contract_number), null,
        'Void it and make a new one.');
    elsif old.status in ('declined', 'expired', 'void') and new.status <> old.status then
      perform tenancy.refuse(409, format('Contract %s is %s.', old.contract_number, old.status));
    end if;
  end if;
  if tg_op = 'UPDATE' and new.status = 'signed' and old.status not in ('sent', 'viewed', 'signed') then
    perform tenancy.refuse(409, format('Contract %s is %s; only one that was sent is signed.', old.contract_number, old.status));
  end if;
  if new.status <> 'draft' then
    new.sent_at := coalesce(new.sent_at, now());
    new.body_sha256 := encode(sha256(convert_to(new.body_html, 'UTF8')), 'hex');
  end if;
  return new;
end
$$;
create trigger guard_contract before insert or update on contracts
  for each row when (not tenancy.copying()) execute function tenancy.guard_contract();

-- Signs a contract for somebody at a client's page. For trusted server code, which has seen the client's token.
--   signature  what was typed, or a data URL of what was drawn
create function public.sign_contract(contract_id uuid, signer_name text, signature text, consent_text text,
  signer_email text default null, signed_ip text default null, signed_user_agent text default null) returns public.contracts
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  contract public.contracts;
begin
  select * into contract from public.contracts c where c.tenant_id = tenancy.current_tenant() and c.id = contract_id for no key update;
  if contract.id is null then
    perform tenancy.refuse(404, 'There is no contract with this id.');
  elsif contract.status = 'signed' then
    perform tenancy.refuse(409, format('Contract %s is signed already.', contract.contract_number));
  elsif contract.expires_at <= now() then
    perform tenancy.refuse(409, format('Contract %s expired.', contract.contract_number), null, 'Ask for a new one.');
  elsif btrim(coalesce(signer_name, '')) = '' or btrim(coalesce(signature, '')) = '' or btrim(coalesce(consent_text, '')) = '' then
    perform tenancy.refuse(400, 'A signature needs a name, the signature itself and the consent.');
  end if;
  update public.contracts c set status = 'signed', signed_at = now(), signer_name = btrim(signer_name), signature = signature,
      consent_text = consent_text, signer_email = coalesce(signer_email, c.signer_email), signed_ip = signed_ip::inet,
      signed_user_agent = signed_user_agent, token_hash = null
    where c.tenant_id = tenancy.current_tenant() and c.id = contract_id returning * into contract;
  return contract;
end
$$;

revoke execute on function tenancy.guard_contract() from public;
select tenancy.expose(false, 'public.sign_contract(uuid, text, text, text, text, text, text)');
