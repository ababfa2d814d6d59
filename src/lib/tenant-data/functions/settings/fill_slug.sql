-- Makes the slug of a new row from its name where none is given: people name things, programs use slugs.
create or replace function tenancy.fill_slug() returns trigger language plpgsql as $$
begin
  new.slug := coalesce(nullif(btrim(regexp_replace(tenancy.fold(new.name), '[^a-z0-9]+', '-', 'g'), '-'), ''),
    'n-' || left(md5(new.name), 8));
  return new;
end
$$;
revoke execute on function tenancy.fill_slug() from public;
