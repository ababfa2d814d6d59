-- E-mail addresses are kept in lower case: under row-level security an index on lower(email) is not used (lower is not
-- leakproof), one on the column is.
create or replace function tenancy.lower_email() returns trigger language plpgsql as $$
begin
  new.email := nullif(lower(btrim(new.email)), '');
  return new;
end
$$;
revoke execute on function tenancy.lower_email() from public;

-- Whether this has the form of an e-mail address (RFC 5321 without quoted names): a name, and a domain of at least two parts.
create or replace function tenancy.is_email(address text) returns boolean
  language sql immutable parallel safe
  return length(address) <= 254
    and address ~ '^[^[:space:][:cntrl:]@"(),:;<>\\\[\].]+(\.[^[:space:][:cntrl:]@"(),:;<>\\\[\].]+)*@([[:alnum:]]([[:alnum:]-]*[[:alnum:]])?\.)+[[:alpha:]]([[:alnum:]-]*[[:alnum:]])$';
select tenancy.grant_internals('tenancy.is_email(text)');

-- Trigger arguments: the columns that hold an e-mail address.
create or replace function tenancy.check_email() returns trigger
  language plpgsql
as $$
declare
  before constant jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  after constant jsonb := to_jsonb(new);
  field text;
  address text;
begin
  foreach field in array tg_argv loop
    address := nullif(btrim(after ->> field), '');
    if address is distinct from before ->> field then
      if address is not null and not tenancy.is_email(address) then
        perform tenancy.refuse(400, format('“%s” is not an email address.', left(address, 100)), null,
          'Enter an address such as name@example.com.');
      end if;
      if address is distinct from after ->> field then
        new := jsonb_populate_record(new, jsonb_build_object(field, address));
      end if;
    end if;
  end loop;
  return new;
end
$$;
revoke execute on function tenancy.check_email() from public;
