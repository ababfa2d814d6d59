-- The national number (without country code and trunk prefix) of a phone number in any spelling; null where there are no digits.
-- Country codes are those of ITU-T E.164. `+31 6 12345678`, `0031 (0)6-1234 5678` and `06 12345678` have one key.
create or replace function tenancy.digits(phone text) returns text
  language plpgsql immutable parallel safe
as $$
declare
  spoken constant text := regexp_replace(regexp_replace(lower(phone), '^\s*tel:|[;,]?\s*(x|ext\.?|extension)\s*\.?\s*=?\s*\d+\s*$', '', 'g'), '\(0\)', '', 'g');
  digits text := regexp_replace(spoken, '\D', '', 'g');
  -- Country codes have one digit in zones 1 and 7, two or three elsewhere; no code is the beginning of another.
  country constant text := '^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])\d)';
begin
  if spoken ~ '^\s*\+' then
    digits := regexp_replace(digits, country, '');
  elsif digits ~ '^00[1-9]\d{5}' then
    digits := regexp_replace(substr(digits, 3), country, '');
  elsif digits ~ '^011[1-9]\d{8}' then
    digits := regexp_replace(substr(digits, 4), country, '');
  end if;
  -- Drops the trunk prefix (8 in Russia and its neighbours, else 0), and the 1 before North American numbers.
  digits := regexp_replace(regexp_replace(digits, '^8(\d{10})$', '\1'), '^0', '');
  return nullif(regexp_replace(digits, '^1([2-9]\d{7,})$', '\1'), '');
end
$$;
select tenancy.grant_internals('tenancy.digits(text)');

-- The key by which phone numbers are compared; null for what people type where they have none: too short, one digit all over
-- (000 000 0000), or 1234567890.
create or replace function tenancy.phone_key(phone text) returns text
  language sql immutable parallel safe
  return case
    when length(regexp_replace(phone, '\D', '', 'g')) >= 4 and regexp_replace(phone, '\D', '', 'g') !~ '^(\d)\1*$'
      and '1234567890' !~ ('^' || regexp_replace(phone, '\D', '', 'g')) then tenancy.digits(phone) end;
select tenancy.grant_internals('tenancy.phone_key(text)');

-- The keys of several phone numbers, in their order, for clients that look rows up by `phone_key`.
create or replace function public.phone_keys(phones text[]) returns text[]
  language sql immutable
  return array(select tenancy.phone_key(p.given) from unnest(phones) with ordinality p (given, place) order by p.place);
select tenancy.expose(true, 'public.phone_keys(text[])');
