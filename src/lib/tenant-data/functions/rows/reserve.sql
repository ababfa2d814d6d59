-- Statuses that only a function sets: a user cannot set a quote to accepted or a contract to signed by hand. Functions act for
-- the tenant and pass; so does trusted code. The columns that go with the statuses are kept by privileges. Trigger arguments:
-- the statuses with commas between, and the function to call instead.
create or replace function tenancy.reserve() returns trigger
  language plpgsql
as $$
declare
  before constant text := case when tg_op = 'UPDATE' then to_jsonb(old) ->> 'status' end;
  after constant text := to_jsonb(new) ->> 'status';
begin
  if tenancy.is_user() and after is distinct from before
    and after = any (string_to_array(tg_argv[0], ',')) then
    perform tenancy.refuse(403, format('A %s cannot be set to %s by hand.',
      replace(regexp_replace(regexp_replace(tg_table_name, 'ies$', 'y'), 's$', ''), '_', ' '), replace(after, '_', ' ')),
      null, format('Call %s.', tg_argv[1]));
  end if;
  return new;
end
$$;
revoke execute on function tenancy.reserve() from public;
