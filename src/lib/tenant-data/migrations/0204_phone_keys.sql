-- The keys of phone numbers, in their order: by them a program finds rows in whatever spelling (`phone_key`).
create function public.phone_keys(phones text[]) returns text[]
  language sql immutable
  return array(select tenancy.phone_key(p.given) from unnest(phones) with ordinality p (given, place) order by p.place);
select tenancy.expose(true, 'public.phone_keys(text[])');
