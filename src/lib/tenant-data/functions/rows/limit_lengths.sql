-- Gives every text, list and JSON column of a table a greatest length, so that no row is larger than a request may read. The
-- limit goes by the kind of column; messages take the column from the name of the check, `<table>_<column>_length`. Called
-- again after a column is added. `not valid`, and not while copying: existing rows stay as they are.
create or replace function tenancy.limit_lengths(target regclass) returns void
  language plpgsql volatile
as $$
declare
  checks text;
begin
  select pg_catalog.string_agg(pg_catalog.format(
      'add constraint %I check (%s <= %s or tenancy.copying()) not valid', t.relname || '_' || a.attname || '_length',
      pg_catalog.format(case when a.atttypid = 'text'::regtype then 'octet_length(%I)' else 'pg_column_size(%I)' end, a.attname),
      case
        when a.atttypid = 'jsonb'::regtype then 1000000
        -- In bytes: four for each character that the column's own check allows.
        when a.attname = 'body_html' then 20000000
        when a.attname in ('content', 'body', 'signature') then 4000000
        when a.attname ~ '(notes|description|terms|message|text|reason|error|credentials)$' then 400000
        else 10000
      end), ', ')
    into checks
    from pg_catalog.pg_attribute a join pg_catalog.pg_class t on t.oid = a.attrelid
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped
      and a.atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
      and not exists (select from pg_catalog.pg_constraint c
        where c.conrelid = target and c.conname = t.relname || '_' || a.attname || '_length');
  if checks is not null then
    execute pg_catalog.format('alter table %s %s', target, checks);
  end if;
end
$$;
revoke execute on function tenancy.limit_lengths(regclass) from public;
