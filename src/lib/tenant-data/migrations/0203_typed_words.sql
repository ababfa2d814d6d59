-- What people type: phone numbers in any spelling, mail addresses, and numbers without regard to case and spaces.

-- The national number (without country code and trunk prefix) of a phone number in any spelling; null where there are no digits.
-- Country codes are those of ITU-T E.164. `+31 6 12345678`, `0031 (0)6-1234 5678` and `06 12345678` have one key.
create function tenancy.phone_key(phone text) returns text
  language plpgsql immutable parallel safe
as $$
declare
  spoken constant text := regexp_replace(regexp_replace(lower(phone), '^\s*tel:|[;,]?\s*(x|ext\.?|extension)\s*\.?\s*=?\s*\d+\s*$', '', 'g'), '\(0\)', '', 'g');
  digits text := regexp_replace(spoken, '\D', '', 'g');
  -- One digit for zones 1 and 7, two for those that follow, three for the others: no code begins another.
  country constant text := '^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])\d)';
begin
  if spoken ~ '^\s*\+' then
    digits := regexp_replace(digits, country, '');
  elsif digits ~ '^00[1-9]\d{5}' then
    digits := regexp_replace(substr(digits, 3), country, '');
  elsif digits ~ '^011[1-9]\d{8}' then
    digits := regexp_replace(substr(digits, 4), country, '');
  end if;
  -- The trunk prefix (8 in Russia and about it, else 0), and the 1 that North Americans put before theirs.
  digits := regexp_replace(regexp_replace(digits, '^8(\d{10})$', '\1'), '^0', '');
  return nullif(regexp_replace(digits, '^1([2-9]\d{7,})$', '\1'), '');
end
$$;
select tenancy.grant_internals('tenancy.phone_key(text)');

alter table accounts add column phone_key text generated always as (tenancy.phone_key(phone)) stored;
alter table contacts add column phone_key text generated always as (tenancy.phone_key(phone)) stored;
alter table leads add column phone_key text generated always as (tenancy.phone_key(phone)) stored;
create index on accounts (tenant_id, phone_key);
create index on contacts (tenant_id, phone_key);
create index on leads (tenant_id, phone_key);

-- What a merged record takes from the others are values that people wrote.
do $merge$
declare
  body text := pg_get_functiondef('public.merge_records(text, uuid, uuid[], jsonb, boolean)'::regprocedure);
begin
  execute replace(body, 'merged_into_id,merged_at}', 'merged_into_id,merged_at,phone_key}');
end
$merge$;

-- Where phone numbers were compared by their digits, they are compared by this key.
create or replace function tenancy.digits(phone text) returns text
  language sql immutable
  return tenancy.phone_key(phone);

-- A mail address that can be one (RFC 5321 without quoted names): a name, and a domain of at least two parts.
create function tenancy.is_email(address text) returns boolean
  language sql immutable parallel safe
  return length(address) <= 254
    and address ~ '^[^[:space:][:cntrl:]@"(),:;<>\\\[\].]+(\.[^[:space:][:cntrl:]@"(),:;<>\\\[\].]+)*@([[:alnum:]]([[:alnum:]-]*[[:alnum:]])?\.)+[[:alpha:]]([[:alnum:]-]*[[:alnum:]])$';
select tenancy.grant_internals('tenancy.is_email(text)');

-- Arguments: the columns that hold a mail address.
create function tenancy.check_email() returns trigger
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
        perform tenancy.refuse(400, format('“%s” is not an e-mail address.', left(address, 100)), null,
          'Write it like name@example.com.');
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
do $emails$
declare
  one record;
begin
  for one in select * from (values ('accounts', 'email'), ('contacts', 'email'), ('leads', 'email'), ('locations', 'contact_email'),
    ('events', 'onsite_contact_email'), ('event_custom_items', 'vendor_email'), ('contracts', 'signer_email'),
    ('communications', 'to_address')) as e (tab, col)
  loop
    execute format('create trigger check_email before insert or update of %I on %I for each row when (not tenancy.copying()) '
      'execute function tenancy.check_email(%L)', one.col, one.tab, one.col);
  end loop;
end
$emails$;

-- Numbers are the same whatever their case and spaces.
create function tenancy.number_key(given text) returns text
  language sql immutable parallel safe
  return lower(regexp_replace(given, '\s', '', 'g'));
select tenancy.grant_internals('tenancy.number_key(text)');

do $numbers$
declare
  one record;
begin
  for one in select * from (values ('events', 'event_number'), ('quotes', 'quote_number'), ('invoices', 'invoice_number'),
    ('contracts', 'contract_number'), ('equipment_items', 'asset_tag'), ('equipment_items', 'serial_number'), ('products', 'sku')) as n (tab, col)
  loop
    -- Of rows that are there and now have the same number, the later ones show that they do.
    execute format('alter table %I no force row level security, disable trigger user', one.tab);
    execute format('update %1$I t set %2$I = t.%2$I || '' ~'' || d.place from (select tenant_id, id, row_number() over (
      partition by tenant_id, tenancy.number_key(%2$I) order by created_at, id) as place from %1$I where %2$I is not null) d
      where t.tenant_id = d.tenant_id and t.id = d.id and d.place > 1', one.tab, one.col);
    execute format('alter table %I enable trigger user, force row level security', one.tab);
    execute format('create unique index %I on %I (tenant_id, tenancy.number_key(%I))',
      one.tab || '_' || one.col || '_any_spelling', one.tab, one.col);
  end loop;
end
$numbers$;

-- As before, passing over a number that was given by hand in any spelling.
do $next$
declare
  body text := pg_get_functiondef('tenancy.next_number(text)'::regprocedure);
begin
  execute replace(body, 'and %I = $1)', 'and tenancy.number_key(%I) = tenancy.number_key($1))');
end
$next$;
