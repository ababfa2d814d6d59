-- Signs a contract on the client's page. For trusted server code, which has checked the client's token.
--   signature  what was typed, or a data URL of what was drawn
create or replace function public.sign_contract(contract_id uuid, signer_name text, signature text, consent_text text,
  signer_email text default null, signed_ip text default null, signed_user_agent text default null) returns public.contracts
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  contract public.contracts;
begin
  perform set_config('tenancy.by_link', 'on', true);
  select * into contract from public.contracts c where c.tenant_id = (select tenancy.current_tenant()) and c.id = contract_id for no key update;
  if contract.id is null then
    perform tenancy.refuse(404, 'There is no contract with this id.');
  elsif contract.status = 'signed' then
    perform tenancy.refuse(409, format('Contract %s is already signed.', contract.contract_number));
  elsif tenancy.is_called_off(contract.event_id) then
    perform tenancy.refuse(409, 'The event was canceled, so there is nothing to sign.', null, 'Ask the company if you think this is wrong.');
  elsif contract.expires_at <= now() then
    perform tenancy.refuse(409, format('Contract %s has expired.', contract.contract_number), null, 'Ask for a new one.');
  elsif btrim(coalesce(signer_name, '')) = '' or btrim(coalesce(signature, '')) = '' or btrim(coalesce(consent_text, '')) = '' then
    perform tenancy.refuse(400, 'A signature needs a name, the signature itself and the consent.');
  end if;
  update public.contracts c set status = 'signed', signed_at = now(), signer_name = btrim(signer_name), signature = signature,
      consent_text = consent_text, signer_email = coalesce(signer_email, c.signer_email), signed_ip = signed_ip::inet,
      signed_user_agent = signed_user_agent
    where c.tenant_id = (select tenancy.current_tenant()) and c.id = contract_id returning * into contract;
  return contract;
end
$$;
select tenancy.expose(false, 'public.sign_contract(uuid, text, text, text, text, text, text)');
